package kustomize

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/fluxcd/pkg/envsubst"
	generator "github.com/fluxcd/pkg/kustomize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/resource"

	"gitops-validate/engine/internal/fault"
)

var (
	unset   = regexp.MustCompile(`variable not set \(strict mode\): "?([A-Za-z_][A-Za-z0-9_]*)"?`)
	invalid = regexp.MustCompile(`(?s)'(.*)' var name is invalid`)
)

// substitute replaces the variables in one object, strictly, as Flux 2.9 does, unless the request is lenient. It returns the names of those that the
// object uses, and whether anything was substituted. Names are judged with the first object; one without a dollar sign stays as it is.
func (b *build) substitute(object *resource.Resource, body []byte, origin Origin) ([]string, bool, *fault.Failure) {
	values := b.variables()
	if !b.args.Substitute || len(values) == 0 && !b.always() || b.namesJudged && !bytes.ContainsRune(body, '$') {
		return nil, false, nil
	}
	before, err := object.AsYAML()
	if err != nil {
		return nil, false, b.failureIn(origin.Path, errUnreadable)
	}
	if b.args.Lenient {
		b.noteEmptied(values, object, origin)
	}
	done, err := b.substituted(values, object, !b.args.Lenient)
	if err != nil {
		return nil, false, b.substitutionFailure(err, object, origin)
	}
	if done == nil {
		return nil, false, nil
	}
	b.namesJudged = true
	return used(string(before)), true, nil
}

// substituted is Flux's own substitution; nil where an object asks for none.
func (b *build) substituted(values map[string]any, object *resource.Resource, strict bool) (*resource.Resource, error) {
	return generator.SubstituteVariables(context.Background(), nil, withVariables(values), object,
		generator.SubstituteWithDryRun(true), generator.SubstituteWithStrict(strict), generator.SubstituteWithAlways(b.always()))
}

// maxEmptied bounds how many variables of one object, and of all, are told to be made nothing of.
const maxEmptied = 100

// noteEmptied notes where an object asks for what is not set and has no default: what a strict substitution fails at, one after the other.
func (b *build) noteEmptied(values map[string]any, object *resource.Resource, origin Origin) {
	known := maps.Clone(values)
	for range maxEmptied {
		_, err := b.substituted(known, object.DeepCopy(), true)
		if err == nil || !unset.MatchString(err.Error()) {
			return
		}
		found := b.substitutionFailure(err, object, origin)
		known[found.Field] = ""
		if len(b.emptied) < maxEmptied && !slices.ContainsFunc(b.emptied, func(other fault.Failure) bool {
			return other.Field == found.Field && other.Path == found.Path && other.Line == found.Line
		}) {
			b.emptied = append(b.emptied, *found)
		}
	}
}

// always reports whether variables are substituted although none is set.
func (b *build) always() bool {
	strategy, _, _ := unstructured.NestedString(b.flux.Object, "spec", "postBuild", "substituteStrategy")
	return strategy == "Always"
}

// variables are all that count as set.
func (b *build) variables() map[string]any {
	values := map[string]any{}
	for name, value := range b.args.Variables {
		values[name] = value
	}
	for _, name := range b.args.UnknownVariables {
		if _, known := values[name]; !known {
			values[name] = Placeholder
		}
	}
	return values
}

// withVariables is a Kustomization whose inline variables are all that are known.
func withVariables(values map[string]any) unstructured.Unstructured {
	return unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"postBuild": map[string]any{"substitute": values}}}}
}

// used lists the names that a text asks for, as the library reads it: escaped ones are none, those in defaults are.
func used(text string) []string {
	names := map[string]bool{}
	_, _ = envsubst.Eval(text, func(name string) (string, bool) {
		names[name] = true
		return "", true
	})
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
		failure.Path, failure.Line, failure.Column = b.find(origin, regexp.MustCompile(`\$\{#?`+name+`\b`))
	case invalid.MatchString(text):
		name := invalid.FindStringSubmatch(text)[1]
		failure.Reason, failure.Field, failure.Path = "invalid-variable", name, ""
		failure.Message = fmt.Sprintf("%q is no name of a variable: letters, digits and underscores, not a digit first", name)
	case strings.Contains(text, "YAMLToJSON"):
		failure.Message = subject + " is no YAML any more after its variables are substituted: quote what holds them"
	case strings.Contains(text, "UnmarshalJSON"):
		failure.Message = subject + " is no object any more after its variables are substituted"
	default:
		failure.Message = fmt.Sprintf("the variables of %s cannot be substituted: a ${…} in it is malformed; write $${…} for a literal one, or set kustomize.toolkit.fluxcd.io/substitute: disabled", subject)
		failure.Path, failure.Line, failure.Column = b.findLine(origin, isMalformed)
	}
	return failure
}

// variable begins a reference to one.
var variable = regexp.MustCompile(`(?:^|[^$])(\$\{)`)

// isMalformed finds the last ${…} of a line that the library cannot read; the values of variables are no matter.
func isMalformed(line string) int {
	for _, at := range slices.Backward(variable.FindAllStringSubmatchIndex(line, -1)) {
		if _, err := envsubst.Eval(line[at[2]:], func(string) (string, bool) { return "", true }); err != nil {
			return at[2]
		}
	}
	return -1
}

// find gives the place of the first match.
func (b *build) find(origin Origin, pattern *regexp.Regexp) (file string, line, column int) {
	return b.findLine(origin, func(text string) int {
		if at := pattern.FindStringIndex(text); at != nil {
			return at[0]
		}
		return -1
	})
}

// findLine gives the place of the first line in which something is found: in the document that an object comes from, else in its file, else in
// another file that was read, such as a patch or a file of a generator. Without any it is the file of origin.
func (b *build) findLine(origin Origin, in func(line string) int) (file string, line, column int) {
	lines := strings.Split(string(b.files.read[origin.Path]), "\n")
	for i, text := range lines[min(b.start(origin), len(lines)):] {
		if at := in(text); at >= 0 {
			return origin.Path, b.start(origin) + i + 1, at + 1
		}
	}
	for _, name := range append([]string{origin.Path}, slices.Sorted(maps.Keys(b.files.read))...) {
		for i, text := range strings.Split(string(b.files.read[name]), "\n") {
			if at := in(text); at >= 0 {
				return name, i + 1, at + 1
			}
		}
	}
	return origin.Path, 0, 0
}

// start counts the lines before the document that an object comes from.
func (b *build) start(origin Origin) int {
	if origin.Document <= 0 {
		return 0
	}
	for _, document := range b.parsed[origin.Path].Documents {
		if document.Index == origin.Document {
			return document.Line - 1
		}
	}
	return 0
}
