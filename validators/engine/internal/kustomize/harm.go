package kustomize

import (
	"bytes"
	"errors"

	"gitops-validate/engine/internal/tree"
)

// harmless refuses what kustomize would expand without end: an alias bomb is told by its raw tree, before anything is built from it.
func harmless(clean string, body []byte) error {
	if !bytes.ContainsRune(body, '&') || !bytes.ContainsRune(body, '*') {
		return nil
	}
	roots, _ := tree.ReadAll(string(body)) // what is no YAML from some place on, kustomize refuses there, or takes as it is
	for _, root := range roots {
		if guard := tree.Inspect(root); guard.Fatal() {
			return &inFile{clean, errors.New(guard.Problems[0].Message)}
		}
	}
	return nil
}

// inFile is an error that is about one file.
type inFile struct {
	path string
	err  error
}

func (e *inFile) Error() string { return e.err.Error() }
func (e *inFile) Unwrap() error { return e.err }
