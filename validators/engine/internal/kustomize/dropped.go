package kustomize

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"sigs.k8s.io/json"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/validate/cause"
)

// maxDropped bounds how many fields of one kustomization are told to be dropped.
const maxDropped = 20

// dropped are the fields of the root kustomization that kustomize does not have. It refuses them in all others; this one Flux reads and writes again,
// and what its type has no place for does not come along.
func dropped(file string, body []byte) []fault.Failure {
	names := unknown(body)
	if len(names) == 0 {
		return nil
	}
	content, err := yaml.YAMLToJSON(body)
	var whole any
	if err != nil || yaml.Unmarshal(content, &whole) != nil {
		return nil // which the build says
	}
	strict, _ := json.UnmarshalStrict(content, &types.Kustomization{}, json.DisallowUnknownFields)
	var found []fault.Failure
	for _, each := range strict[:min(len(strict), maxDropped)] {
		field, is := each.(json.FieldError)
		if !is || strings.HasPrefix(field.FieldPath(), "x-") {
			continue
		}
		if pointer := cause.Pointer(field.FieldPath(), whole); names[path.Base(pointer)] {
			found = append(found, fault.Failure{Reason: "dropped-field", Message: "kustomize has no field " + field.FieldPath(), Path: file, Field: pointer})
		}
	}
	return found
}

var unknownField = regexp.MustCompile(`unknown field "([^"]+)"`)

// unknown are the names of fields that a strict decoder refuses which, like Flux's and kustomize's, takes names whatever their case. It stops at the
// first, and is asked again without that.
func unknown(body []byte) map[string]bool {
	names, most := map[string]bool{}, min(maxDropped, 1+(1<<20)/(1+len(body))) // the larger the file, the longer each turn takes
	for len(names) < most {
		err := yaml.UnmarshalStrict(body, &types.Kustomization{})
		if err == nil {
			break
		}
		match := unknownField.FindStringSubmatch(fmt.Sprint(err))
		var whole any
		if match == nil || names[match[1]] || yaml.Unmarshal(body, &whole) != nil {
			break
		}
		names[match[1]] = true
		if body, err = yaml.Marshal(without(whole, match[1])); err != nil {
			break
		}
	}
	return names
}

func without(value any, name string) any {
	switch value := value.(type) {
	case map[string]any:
		delete(value, name)
		for key, below := range value {
			value[key] = without(below, name)
		}
	case []any:
		for i, below := range value {
			value[i] = without(below, name)
		}
	}
	return value
}
