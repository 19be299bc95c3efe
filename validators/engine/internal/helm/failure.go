package helm

import (
	"errors"
	"fmt"
	"math"
	"path"
	"regexp"
	"strconv"
	"strings"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/jail"
)

// trouble is a fault in the user's files, on its way up.
type trouble struct {
	reason string
	field  string
	path   string
	err    error
}

func (t *trouble) Error() string { return t.err.Error() }
func (t *trouble) Unwrap() error { return t.err }

// because names the reason of an error; an error that already has one keeps it.
func because(reason, field string, err error) error {
	var known *trouble
	if err == nil || errors.As(err, &known) {
		return err
	}
	if errors.Is(err, jail.ErrOutside) {
		reason = "outside-path"
	}
	return &trouble{reason: reason, field: field, err: err}
}

// at names the file that an error is about.
func at(path string, err error) error {
	var known *trouble
	if errors.As(err, &known) && known.path == "" {
		known.path = path
	}
	return err
}

// failure turns what stopped a rendering into what is said about it.
func (r *rendering) failure(err error) *fault.Failure {
	if err == nil {
		return nil
	}
	known := &trouble{reason: "helm-render", err: err}
	errors.As(err, &known)
	failure := &fault.Failure{Reason: known.reason, Field: known.field, Path: known.path, Message: strings.TrimSpace(err.Error())}
	if failure.Path == "" {
		failure.Path = r.folder
	}
	switch known.reason {
	case "helm-render":
		r.locate(failure)
	case "post-render":
		r.locateObject(failure)
	}
	return failure
}

var (
	// position is how text/template and Helm write a place in a template.
	position = regexp.MustCompile(`([^\s:()"<>]+/templates/[^\s:()"<>]+):(\d+)(?::(\d+))?`)
	// annotated is how kustomize prints that annotation.
	annotated = regexp.MustCompile(`( \()?` + regexp.QuoteMeta(fileAnnotation) + `:([^\s\])]+)(?:\))?`)
	// unparsed is how Helm says that a template gave no YAML.
	unparsed = regexp.MustCompile(`(?:YAML parse error on|parsing) ([^\s:]+/templates/[^:]+): .*?(?:yaml: line (\d+)|$)`)
)

// locate finds the template, innermost first, and the line that an error speaks of.
func (r *rendering) locate(failure *fault.Failure) {
	line, column := "", ""
	if found := unparsed.FindStringSubmatch(failure.Message); found != nil {
		failure.Field, line = found[1], found[2]
	} else if all := position.FindAllStringSubmatch(failure.Message, -1); all != nil {
		last := all[len(all)-1]
		failure.Field, line, column = last[1], last[2], last[3]
		if r.asking[all[0][1]] {
			failure.Reason = "helm-lookup"
		}
	}
	if r.asking[failure.Field] {
		failure.Reason = "helm-lookup"
	}
	failure.Line, _ = strconv.Atoi(line)
	failure.Column, _ = strconv.Atoi(column)
	if strings.Contains(failure.Message, "did not find expected") {
		failure.Line++ // the parser counts from 0 where the scanner counts from 1
	}
	if file := r.written(failure.Field); file != "" {
		failure.Path, failure.Line = file, min(failure.Line, r.rows(file))
	}
}

// rows is how many lines a template has: what it makes may have more, and an end that is missing stands behind the last.
func (r *rendering) rows(file string) int {
	body, err := r.files.ReadFile(file)
	if err != nil {
		return math.MaxInt
	}
	return strings.Count(strings.TrimRight(string(body), "\n"), "\n") + 1
}

// locateObject finds the template of the object that an error of the post-renderers prints, by Helm's annotation.
func (r *rendering) locateObject(failure *fault.Failure) {
	found := annotated.FindStringSubmatch(failure.Message)
	if found == nil {
		return
	}
	failure.Message = strings.Replace(failure.Message, found[0], "", 1)
	if file := r.written(found[2]); file != "" {
		failure.Path, failure.Field = file, found[2]
	}
}

// written is the file of the checkout that a template is, "" if it lies elsewhere.
func (r *rendering) written(template string) string {
	_, inside, _ := strings.Cut(template, "/")
	if r.folder == "" || inside == "" || r.files == nil {
		return ""
	}
	file := path.Join(r.folder, inside)
	if _, err := r.files.Stat(file); err != nil {
		return ""
	}
	return file
}

// rendered names the reason of an error that Helm's install gave.
func rendered(err error) error {
	text := fmt.Sprint(err)
	for _, known := range []struct{ prefix, reason, field string }{
		{"release name check failed", "release-invalid", "/spec/releaseName"},
		{"chart dependencies processing failed", "chart-load", ""},
		{"error while running post render", "post-render", "/spec/postRenderers"},
		{"error while parsing post rendered", "post-render", "/spec/postRenderers"},
		{"unknown post-render strategy", "release-invalid", "/spec/postRenderStrategy"},
	} {
		if strings.HasPrefix(text, known.prefix) {
			return because(known.reason, known.field, err)
		}
	}
	return because("helm-render", "", err)
}
