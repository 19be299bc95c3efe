package steady

import (
	"fmt"
	"math"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// What one call may make. The largest chart that is known stays far below; a hostile one would fill the memory.
const (
	maxDrawn = 1 << 20  // random characters
	maxText  = 16 << 20 // bytes of a repeated or indented text
	maxItems = 1 << 20  // items of a counted list
)

func limit(function string, count, most int) error {
	switch {
	case count < 0:
		return fmt.Errorf("%s of %d: the count is negative", function, count)
	case count > most:
		return fmt.Errorf("%s of %d: more than %d is refused", function, count, most)
	}
	return nil
}

// bounded wraps the functions of Sprig whose result is as large as a number says.
func bounded() template.FuncMap {
	original := sprig.TxtFuncMap()
	until := original["until"].(func(int) []int)
	step := original["untilStep"].(func(int, int, int) []int)
	seq := original["seq"].(func(...int) string)
	return template.FuncMap{
		"repeat": repeat,
		"indent": func(spaces int, text string) (string, error) { return indent("indent", spaces, text) },
		"nindent": func(spaces int, text string) (string, error) {
			indented, err := indent("nindent", spaces, text)
			return "\n" + indented, err
		},
		"until": func(count int) ([]int, error) {
			if err := limit("until", max(count, -count), maxItems); err != nil {
				return nil, err
			}
			return until(count), nil
		},
		"untilStep": func(start, stop, by int) ([]int, error) {
			if err := limit("untilStep", items(start, stop, by), maxItems); err != nil {
				return nil, err
			}
			return step(start, stop, by), nil
		},
		"seq": func(bounds ...int) (string, error) {
			if err := limit("seq", sequence(bounds), maxItems); err != nil {
				return "", err
			}
			return seq(bounds...), nil
		},
	}
}

func repeat(count int, text string) (string, error) {
	if count > 0 && len(text) > maxText/count {
		return "", fmt.Errorf("repeat of %d: a text of more than %d bytes is refused", count, maxText)
	}
	if err := limit("repeat", count, math.MaxInt); err != nil {
		return "", err
	}
	return strings.Repeat(text, count), nil
}

func indent(function string, spaces int, text string) (string, error) {
	if err := limit(function, spaces, maxText/(strings.Count(text, "\n")+1)); err != nil {
		return "", err
	}
	pad := strings.Repeat(" ", spaces)
	return pad + strings.ReplaceAll(text, "\n", "\n"+pad), nil
}

// items is how long a list from start to stop becomes.
func items(start, stop, by int) int {
	if by == 0 {
		return 0
	}
	return int(math.Min(math.Abs((float64(stop)-float64(start))/float64(by)), math.MaxInt32))
}

// sequence is how many numbers seq prints: to last, from first to last, or from first by step to last.
func sequence(bounds []int) int {
	switch len(bounds) {
	case 1:
		return items(0, bounds[0], 1)
	case 2:
		return items(bounds[0], bounds[1], 1)
	case 3:
		return items(bounds[0], bounds[2], bounds[1])
	}
	return 0
}
