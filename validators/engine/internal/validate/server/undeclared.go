package server

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/managedfields"

	"gitops-validate/engine/internal/validate/cause"
)

const (
	undeclared = "field not declared in schema"
	rounds     = 30 // in which fields that are not declared are looked for in one object
)

// AllUndeclared completes an error of structured merge. Of the undeclared fields of a map it names one, whichever comes first in that run;
// taking each away that it names, and asking again, finds all.
func AllUndeclared(err error, types managedfields.TypeConverter, patch *unstructured.Unstructured) error {
	prefix, _, _ := strings.Cut(err.Error(), "): ")
	if !strings.Contains(err.Error(), undeclared) {
		return err
	}
	rest, lines := patch.DeepCopy(), map[string]bool{}
	for range rounds {
		_, fault := types.ObjectToTyped(rest)
		if fault == nil || !takeAway(rest, fault.Error(), lines) || len(lines) >= mostCauses {
			break
		}
	}
	return errors.New(prefix + "): errors:\n" + strings.Join(slices.Sorted(maps.Keys(lines)), "\n"))
}

// takeAway notes the lines of an error and removes the undeclared fields that they name. It reports whether there were any.
func takeAway(rest *unstructured.Unstructured, fault string, lines map[string]bool) (found bool) {
	for line := range strings.SplitSeq(strings.TrimPrefix(fault, "errors:"), "\n") {
		if len(lines) >= mostCauses {
			break
		}
		match := typed.FindStringSubmatch(line)
		if match == nil || lines["  ."+match[1]+": "+match[2]] {
			continue
		}
		lines["  ."+match[1]+": "+match[2]] = true
		if match[2] == undeclared {
			found = remove(rest.Object, match[1]) || found
		}
	}
	return found
}

// remove takes the field at a path out of an object, if it is there.
func remove(object map[string]any, path string) bool {
	route := strings.Split(cause.Pointer(path, object), "/")[1:]
	var parent any = object
	for i, part := range route {
		name := strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch value := parent.(type) {
		case map[string]any:
			if i == len(route)-1 {
				delete(value, name)
				return strings.HasSuffix(path, name)
			}
			parent = value[name]
		case []any:
			index, _ := strconv.Atoi(name)
			parent = value[index]
		}
	}
	return false
}
