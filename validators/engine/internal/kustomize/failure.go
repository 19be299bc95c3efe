package kustomize

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gitops-validate/engine/internal/fault"
)

// maxMessage bounds a message, in bytes: kustomize repeats whole objects.
const maxMessage = 2000

var (
	namedFile = regexp.MustCompile(`(?:in File: |from '|from |reading |open |path=?"?)([^\s'":]+)`)
	namedLine = regexp.MustCompile(`line (\d+)`)
	repeated  = regexp.MustCompile(`(?s) with config: ` + "`.*?`" + `| from \[patch: .*\]| generator &\{[^}]*\}|0x[0-9a-f]{6,}`)
)

// failure turns an error of kustomize into what is said: its message without what it repeats of patches and generators, which may hold secrets,
// and the file that it names.
func (b *build) failure(err error) *fault.Failure {
	message := strings.ReplaceAll(strings.ReplaceAll(err.Error(), b.files.root.Name()+"/", ""), b.files.root.Name(), ".")
	for number, each := range slices.Backward(b.args.Fetched) {
		message = strings.ReplaceAll(message, mountOf(number), each.Entry)
	}
	message = b.hide(repeated.ReplaceAllString(message, ""))
	if len(message) > maxMessage {
		message = strings.ToValidUTF8(message[:maxMessage], "") + "…"
	}
	failure := &fault.Failure{Reason: "kustomize-build", Message: message, Path: b.args.Path}
	if isOutside(err) || strings.Contains(message, "leads outside the repository") {
		failure.Reason = "outside-path"
	}
	failure.Path = b.fileNamedIn(message)
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
	return failure
}

// fileNamedIn is the last file that a message names, else the root kustomization, else the folder.
func (b *build) fileNamedIn(message string) string {
	found := b.kustomizationFile(b.args.Path)
	if _, err := b.files.original(found); found == "" || err != nil {
		found = b.args.Path // it is generated
	}
	for _, match := range namedFile.FindAllStringSubmatch(message, -1) {
		for _, candidate := range []string{match[1], path.Join(b.args.Path, match[1])} {
			if clean, err := b.files.root.Clean(candidate); err == nil && b.files.Exists(clean) && !b.files.IsDir(clean) {
				found = clean
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
