package kustomize

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	generator "github.com/fluxcd/pkg/kustomize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/resource"

	"gitops-validate/engine/internal/fault"
)

var (
	unset   = regexp.MustCompile(`variable not set \(strict mode\): "?([A-Za-z_][A-Za-z0-9_]*)"?`)
	invalid = regexp.MustCompile(`'(.*)' var name is invalid`)
	used    = regexp.MustCompile(`\$\{[#]?([A-Za-z_][A-Za-z0-9_]*)`)
)

// substitute replaces the variables in one object, strictly, as Flux 2.9 does. It returns the names of those that the object used.
func (b *build) substitute(object *resource.Resource, origin Origin) ([]string, *fault.Failure) {
	if !b.args.Substitute {
		return nil, nil
	}
	before, err := object.AsYAML()
	if err != nil {
		return nil, b.failureIn(origin.Path, err)
	}
	done, err := generator.SubstituteVariables(context.Background(), nil, b.variables(), object, generator.SubstituteWithDryRun(true), generator.SubstituteWithStrict(true))
	if err != nil {
		return nil, b.substitutionFailure(err, object, origin)
	}
	if done == nil {
		return nil, nil
	}
	return b.usedIn(string(before)), nil
}

// variables is a Kustomization whose inline variables are all that are known.
func (b *build) variables() unstructured.Unstructured {
	values := map[string]any{}
	for name, value := range b.args.Variables {
		values[name] = value
	}
	for _, name := range b.args.UnknownVariables {
		values[name] = Placeholder
	}
	return unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"postBuild": map[string]any{"substitute": values}}}}
}

func (b *build) usedIn(text string) []string {
	names := map[string]bool{}
	for _, match := range used.FindAllStringSubmatch(text, -1) {
		if _, known := b.args.Variables[match[1]]; known || slices.Contains(b.args.UnknownVariables, match[1]) {
			names[match[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// substitutionFailure names the variable and the file; the values of variables, which libraries quote, stay out.
func (b *build) substitutionFailure(err error, object *resource.Resource, origin Origin) *fault.Failure {
	failure := &fault.Failure{Reason: "kustomize-build", Path: origin.Path}
	subject := fmt.Sprintf("%s/%s", object.GetKind(), object.GetName())
	switch text := err.Error(); {
	case unset.MatchString(text):
		name := unset.FindStringSubmatch(text)[1]
		failure.Reason, failure.Field = "unset-variable", name
		failure.Message = fmt.Sprintf("%s uses ${%s}, which has no value and no default", subject, name)
		failure.Line, failure.Column = b.find(origin.Path, regexp.MustCompile(`\$\{#?`+name+`\b`))
	case invalid.MatchString(text):
		name := invalid.FindStringSubmatch(text)[1]
		failure.Reason, failure.Field, failure.Path = "invalid-variable", name, ""
		failure.Message = fmt.Sprintf("%q is no name of a variable: letters, digits and underscores, not a digit first", name)
	case strings.Contains(text, "YAMLToJSON"):
		failure.Message = subject + " is no YAML any more after its variables are substituted: quote what holds them"
	default:
		failure.Message = fmt.Sprintf("the variables of %s cannot be substituted: a ${…} in it is malformed; write $${…} for a literal one, or set kustomize.toolkit.fluxcd.io/substitute: disabled", subject)
		failure.Line, failure.Column = b.find(origin.Path, regexp.MustCompile(`\$\{`))
	}
	return failure
}

// find gives the place of the first match in a file, 0 if there is none.
func (b *build) find(file string, pattern *regexp.Regexp) (line, column int) {
	body, err := b.files.ReadFile(file)
	if err != nil {
		return 0, 0
	}
	for i, text := range strings.Split(string(body), "\n") {
		if at := pattern.FindStringIndex(text); at != nil {
			return i + 1, at[0] + 1
		}
	}
	return 0, 0
}
