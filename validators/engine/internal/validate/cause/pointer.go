package cause

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// step is one part of a path: a field's name, an index, or a selector of an item by its keys.
var step = regexp.MustCompile(`\[([a-zA-Z0-9_]+=(?:"(?:[^"\\]|\\.)*"|[^\],]*)(?:,[a-zA-Z0-9_]+=(?:"(?:[^"\\]|\\.)*"|[^\],]*))*)\]|\[(=?[^\]]*)\]|([^.\[\]]+)`)

// Pointer turns a path of the API server (`spec.ports[0].name`, `metadata.labels[a/b]`) or of structured merge
// (`.spec.containers[name="x"].ports`, `.data.tls.crt`) into a JSON Pointer into the object, cut where the object ends.
func Pointer(field string, object any) string {
	var pointer strings.Builder
	value := object
	for steps := step.FindAllStringSubmatch(field, -1); len(steps) > 0; {
		name, next, taken := follow(value, steps)
		if taken == 0 {
			break
		}
		pointer.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
		value, steps = next, steps[taken:]
	}
	return pointer.String()
}

// follow goes one level down, by as many steps as the name of that level has: structured merge does not quote the dots of a key.
func follow(value any, steps [][]string) (name string, next any, taken int) {
	switch value := value.(type) {
	case map[string]any:
		return followKey(value, steps)
	case []any:
		if i := index(value, steps[0]); i >= 0 && i < len(value) {
			return strconv.Itoa(i), value[i], 1
		}
	}
	return "", nil, 0
}

func followKey(fields map[string]any, steps [][]string) (name string, next any, taken int) {
	for _, name := range []string{steps[0][3], steps[0][2], strings.Trim(steps[0][2], `"`)} {
		if next, found := fields[name]; found && name != "" {
			return name, next, 1
		}
	}
	joined := steps[0][3]
	for i := 1; joined != "" && i <= len(steps); i++ {
		for _, name := range []string{joined, "." + joined} {
			if next, found := fields[name]; found {
				return name, next, i
			}
		}
		if i == len(steps) || steps[i][3] == "" {
			break
		}
		joined += "." + steps[i][3]
	}
	return "", nil, 0
}

func index(items []any, match []string) int {
	if match[1] != "" {
		return selected(items, match[1])
	}
	if text, isValue := strings.CutPrefix(match[2], "="); isValue {
		return equal(items, text)
	}
	if i, err := strconv.Atoi(match[2] + match[3]); err == nil {
		return i
	}
	return -1
}

// selected finds the last item that has these keys: the one that repeats an earlier one.
func selected(items []any, selector string) int {
	wanted, found := keys(selector), -1
	for i, item := range items {
		fields, is := item.(map[string]any)
		if is && matches(fields, wanted) {
			found = i
		}
	}
	return found
}

var pair = regexp.MustCompile(`([a-zA-Z0-9_]+)=("(?:[^"\\]|\\.)*"|[^,]*)`)

// keys reads `name="x",port=80`.
func keys(selector string) map[string]any {
	wanted := map[string]any{}
	for _, part := range pair.FindAllStringSubmatch(selector, -1) {
		var value any
		if json.Unmarshal([]byte(part[2]), &value) == nil {
			wanted[part[1]] = value
		}
	}
	return wanted
}

// matches compares as text, since numbers come as float64 here and as int64 there; a key that is not given has a default.
func matches(fields, wanted map[string]any) bool {
	for name, want := range wanted {
		if have, given := fields[name]; given && fmt.Sprint(have) != fmt.Sprint(want) {
			return false
		}
	}
	return true
}

func equal(items []any, text string) int {
	var want any
	if json.Unmarshal([]byte(text), &want) != nil {
		return -1
	}
	found := -1
	for i, item := range items {
		if fmt.Sprint(item) == fmt.Sprint(want) {
			found = i
		}
	}
	return found
}
