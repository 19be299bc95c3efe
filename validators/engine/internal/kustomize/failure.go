package kustomize

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/kyaml/resid"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/parse"
	"gitops-validate/engine/internal/tree"
)

// maxMessage bounds a message, in bytes: kustomize repeats whole objects.
const maxMessage = 2000

var (
	trail     = regexp.MustCompile(`(?:merging from|!= 'Component' for) path '[^']*'|(?:in File: |from '|from |reading |open |path: "|path '|path=?"?)([^\s'":[]+)`)
	namedLine = regexp.MustCompile(`line (\d+)`)
	repeated  = regexp.MustCompile(`(?s) with config: ` + "`.*?`" + `| from \[patch: .*\]| generator &\{[^}]*\}|0x[0-9a-f]{6,}`)
	component = regexp.MustCompile(`(?s)accumulateDirectory: ("(?:[^"\\]|\\.)*")`)
	conflict  = regexp.MustCompile(`(?s)(produces ID conflict: )\[(\{.*)\]`)
	goID      = regexp.MustCompile(`resid\.ResId\{Gvk:resid\.Gvk\{Group:"([^"]*)", Version:"([^"]*)", Kind:"([^"]*)", isClusterScoped:\w+\}, Name:"([^"]*)", Namespace:"([^"]*)"\}`)
)

// failure turns an error of kustomize into what is said: its message without what it repeats of patches and generators, which may hold secrets,
// and the file that it names.
func (b *build) failure(err error) *fault.Failure {
	message := strings.ReplaceAll(strings.ReplaceAll(err.Error(), b.files.root.Name()+"/", ""), b.files.root.Name(), ".")
	for number, each := range slices.Backward(b.args.Fetched) {
		message = strings.ReplaceAll(message, mountOf(number), each.Entry)
	}
	message = b.hide(repeated.ReplaceAllString(readable(message), ""))
	if len(message) > maxMessage {
		message = strings.ToValidUTF8(message[:maxMessage], "") + "…"
	}
	failure := &fault.Failure{Reason: "kustomize-build", Message: message, Path: b.endOfTrail(message)}
	if isOutside(err) || strings.Contains(message, "leads outside the repository") {
		failure.Reason = "outside-path"
	}
	if inner := new(inFile); errors.As(err, &inner) && inner.path != "" {
		failure.Path = inner.path
	}
	if file, entry := b.asWritten(failure.Path, ""); entry != "" {
		failure.Path, failure.Field = file, entry
		return failure
	}
	if match := namedLine.FindStringSubmatch(message); match != nil {
		failure.Line, _ = strconv.Atoi(match[1])
	}
	if strings.Contains(message, "unable to parse SM or JSON patch") {
		b.findPatch(failure)
	}
	return failure
}

// findPatch finds the patch in a kustomization that is no YAML: kustomize does not say which it is, nor what is wrong with it.
func (b *build) findPatch(failure *fault.Failure) {
	for _, name := range append([]string{""}, konfig.RecognizedKustomizationFileNames()...) {
		file := path.Join(failure.Path, name)
		body, err := b.files.original(file)
		if err != nil {
			continue
		}
		root, err := tree.Read(string(body))
		if err != nil || root == nil {
			return
		}
		for i := range 100 {
			written := tree.Value(root, fmt.Sprintf("/patches/%d/patch", i))
			if written == nil || written.Kind != yaml.ScalarNode {
				continue
			}
			if problem := unreadable(written.Value); problem != nil {
				failure.Path, failure.Line, failure.Column = file, written.Line, written.Column
				if written.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
					failure.Line, failure.Column = written.Line+problem.Line, 1
				}
				failure.Message += ": " + problem.Message
				return
			}
		}
	}
	patches, _, _ := unstructured.NestedSlice(b.args.Kustomization, "spec", "patches")
	for i, entry := range patches {
		fields, _ := entry.(map[string]any)
		text, _ := fields["patch"].(string)
		if problem := unreadable(text); problem != nil {
			failure.Field = fmt.Sprintf("/spec/patches/%d/patch", i)
			failure.Message += ": " + problem.Message
			return
		}
	}
}

// unreadable is what is wrong with the text of a patch: that it is no YAML, or no JSON where kustomize expects that.
func unreadable(text string) *fault.Problem {
	if _, err := tree.ReadAll(text); err != nil {
		problem := parse.Syntax(err, text)
		return &problem
	}
	if strings.HasPrefix(text, "[") && !json.Valid([]byte(text)) {
		return &fault.Problem{Message: "what begins with [ has to be JSON", Line: 1}
	}
	return nil
}

// readable is a message with what kustomize quotes in quotes of its own, and what it prints whole or as Go has it, as kustomize writes it elsewhere.
func readable(message string) string {
	for range maxDepth {
		quoted := component.FindStringSubmatchIndex(message)
		if quoted == nil {
			break
		}
		inner, err := strconv.Unquote(message[quoted[2]:quoted[3]])
		if err != nil {
			break
		}
		message = message[:quoted[0]] + inner + message[quoted[1]:]
	}
	message = conflict.ReplaceAllStringFunc(message, func(printed string) string {
		part := conflict.FindStringSubmatch(printed)
		var first unstructured.Unstructured
		if json.NewDecoder(strings.NewReader(part[2])).Decode(&first.Object) != nil {
			return part[1] + "of two objects"
		}
		kind := first.GroupVersionKind()
		return part[1] + resid.NewResIdWithNamespace(resid.Gvk{Group: kind.Group, Version: kind.Version, Kind: kind.Kind}, first.GetName(), first.GetNamespace()).String()
	})
	return goID.ReplaceAllStringFunc(message, func(printed string) string {
		part := goID.FindStringSubmatch(printed)
		return resid.NewResIdWithNamespace(resid.Gvk{Group: part[1], Version: part[2], Kind: part[3]}, part[4], part[5]).String()
	})
}

// endOfTrail is the file in which a message ends that leads from one kustomization into another: the last that it names, or the kustomization of the
// last folder; without any the root kustomization, or the folder where that is generated.
func (b *build) endOfTrail(message string) string {
	folder := b.args.Path
	found := b.kustomizationFile(folder)
	if _, err := b.files.original(found); found == "" || err != nil {
		found = folder
	}
	for _, match := range trail.FindAllStringSubmatch(message, -1) {
		if match[1] == "" {
			continue // what is merged, or is of a kind that does not belong there, stands in the kustomization that takes it in
		}
		for _, candidate := range []string{match[1], path.Join(folder, match[1])} {
			clean, err := b.files.root.Clean(candidate)
			switch {
			case err != nil || !b.files.Exists(clean):
			case !b.files.IsDir(clean):
				found = clean
			case strings.HasPrefix(match[0], "path '") && b.kustomizationFile(clean) != "" && clean != b.args.Path:
				folder, found = clean, b.kustomizationFile(clean)
			}
		}
	}
	return found
}

// failureIn is a failure about one file, or the one inside that the error knows better.
func (b *build) failureIn(file string, err error) *fault.Failure {
	failure := b.failure(err)
	if inner := new(inFile); !errors.As(err, &inner) || inner.path == "" {
		failure.Path, failure.Field = b.asWritten(file, failure.Field)
	}
	return failure
}

// hide takes out of a message what stands in the sources of secret generators, which their errors quote.
func (b *build) hide(message string) string {
	if len(b.secrets) == maxSecrets {
		return "kustomize's own words are left out: with so many secrets beside them, one may be quoted there"
	}
	for _, text := range b.secrets {
		message = strings.ReplaceAll(message, text, "<hidden>")
	}
	return message
}
