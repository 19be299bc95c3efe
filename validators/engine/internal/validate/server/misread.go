package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"gitops-validate/engine/internal/validate/cause"
)

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// locate finds the place of a value that does not fit its type. The decoder names it without indexes, or, for quantities, times and the like,
// not at all.
func (r *resource) locate(causes []cause.Cause, object map[string]any) []cause.Cause {
	if len(causes) != 1 || causes[0].Field != "" && causes[0].Reason != mistypedReason {
		return causes
	}
	sample, err := r.scheme.New(r.Kind)
	if err != nil {
		return causes
	}
	path, found := misread(reflect.TypeOf(sample), object, "")
	if !found {
		return causes
	}
	if path = strings.TrimPrefix(path, "."); causes[0].Field == "" {
		causes[0].Field = path
	}
	causes[0].Pointer = cause.Pointer(path, object)
	return causes
}

// misread walks a value beside the type that it is read into, and returns the path of the first part that the type does not take.
func misread(into reflect.Type, value any, path string) (string, bool) {
	for into.Kind() == reflect.Pointer {
		into = into.Elem()
	}
	switch {
	case value == nil:
		return "", false
	case reflect.PointerTo(into).Implements(unmarshaler):
		return path, !reads(into, value)
	case into.Kind() == reflect.Struct:
		return misreadFields(into, value, path)
	case into.Kind() == reflect.Map:
		return misreadEntries(value, path, func(name string) (reflect.Type, string) { return into.Elem(), path + "[" + name + "]" })
	case into.Kind() == reflect.Slice && into.Elem().Kind() != reflect.Uint8:
		return misreadItems(into, value, path)
	}
	return path, !reads(into, value)
}

func misreadFields(into reflect.Type, value any, path string) (string, bool) {
	known := map[string]reflect.Type{}
	collect(into, known)
	return misreadEntries(value, path, func(name string) (reflect.Type, string) { return known[name], path + "." + name })
}

// collect notes a struct's fields by the names that they have in JSON, those of embedded structs included.
func collect(from reflect.Type, known map[string]reflect.Type) {
	for i := range from.NumField() {
		field := from.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "" && field.Type.Kind() == reflect.Struct:
			collect(field.Type, known)
		case name != "" && name != "-":
			known[name] = field.Type
		}
	}
}

func misreadEntries(value any, path string, below func(string) (reflect.Type, string)) (string, bool) {
	fields, is := value.(map[string]any)
	if !is {
		return path, true
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		into, place := below(name)
		if into == nil {
			continue
		}
		if found, is := misread(into, fields[name], place); is {
			return found, true
		}
	}
	return "", false
}

func misreadItems(into reflect.Type, value any, path string) (string, bool) {
	items, is := value.([]any)
	if !is {
		return path, true
	}
	for i, item := range items {
		if found, is := misread(into.Elem(), item, fmt.Sprintf("%s[%d]", path, i)); is {
			return found, true
		}
	}
	return "", false
}

func reads(into reflect.Type, value any) bool {
	text, err := json.Marshal(value)
	return err == nil && json.Unmarshal(text, reflect.New(into).Interface()) == nil
}
