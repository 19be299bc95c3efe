package steady

import (
	"fmt"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// growing bounds the functions that a loop can double a text or a list with.
func growing() template.FuncMap {
	original := sprig.TxtFuncMap()
	cat := original["cat"].(func(...any) string)
	concat := original["concat"].(func(...any) any)
	return template.FuncMap{
		"printf": func(format string, arguments ...any) (string, error) {
			repeats := 1 + strings.Count(format, "%[")
			return within("printf", len(format)+repeats*weight(arguments), func() string { return fmt.Sprintf(format, arguments...) })
		},
		"print": func(all ...any) (string, error) {
			return within("print", weight(all), func() string { return fmt.Sprint(all...) })
		},
		"println": func(all ...any) (string, error) {
			return within("println", weight(all), func() string { return fmt.Sprintln(all...) })
		},
		"cat": func(all ...any) (string, error) {
			return within("cat", weight(all), func() string { return cat(all...) })
		},
		"concat": func(all ...any) (any, error) {
			return within("concat", weight(all), func() any { return concat(all...) })
		},
		"replace": func(old, with, text string) (string, error) {
			size := len(text) + strings.Count(text, old)*(len(with)-len(old))
			return within("replace", size, func() string { return strings.ReplaceAll(text, old, with) })
		},
	}
}

// weight is about how many bytes values take, looked at from outside.
func weight(values []any) (bytes int) {
	for _, value := range values {
		switch value := value.(type) {
		case string:
			bytes += len(value)
		case []byte:
			bytes += len(value)
		case []any:
			bytes += 16 * len(value)
		}
	}
	return bytes
}

func within[T any](function string, size int, build func() T) (built T, err error) {
	if size > maxText {
		return built, fmt.Errorf("%s of %d bytes: more than %d is refused", function, size, maxText)
	}
	return build(), nil
}
