package validate

import (
	"context"
	"strings"

	"gitops-validate/engine/internal/parse"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// file is one whose objects have been judged. Of those that nothing is to be said of, only the number is left.
type file struct {
	parse.File
	Documents []judged `json:"documents"`
	Accepted  int      `json:"accepted"`
}

// judged is a document that something is to be said of, or that could not be judged yet.
type judged struct {
	parse.Document
	Verdict *Verdict `json:"verdict,omitempty"`
}

// Manifests answers `manifests`: it reads files and judges what is in them at once, so that what is in order goes no further.
func Manifests(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	judge, err := newJudge(config, request)
	if err != nil {
		return nil, nil, err
	}
	files, err := parse.Each(config, request, judge.file)
	if err != nil {
		return nil, nil, err
	}
	var blobs wire.Blobs
	for _, file := range files {
		for i := range file.Documents {
			file.Documents[i].Blob = blobs.Add(file.Documents[i].Body())
		}
	}
	return map[string]any{"files": files}, blobs, nil
}

func (j *judge) file(parsed parse.File) file {
	found := file{File: parsed, Documents: []judged{}}
	for _, each := range parsed.Documents {
		if verdict := j.document(each); verdict != nil && verdict.plain() && !others(each.Kind) {
			found.Accepted++
		} else {
			found.Documents = append(found.Documents, judged{each, verdict})
		}
	}
	found.File.Documents = nil // their bodies are not needed any more
	return found
}

// others reports whether what else is judged depends on objects of a kind: those have to be seen.
func others(kind string) bool {
	return kind == "CustomResourceDefinition" || kind == "ValidatingAdmissionPolicyBinding"
}

// document has no verdict on a List, whose items are the objects, nor on what only a definition can judge.
func (j *judge) document(parsed parse.Document) *Verdict {
	if strings.HasSuffix(parsed.Kind, "List") {
		return nil
	}
	if verdict, known := j.builtIn(context.Background(), parsed.Body()); known {
		return &verdict
	}
	return nil
}

// plain reports whether a verdict says no more than that the object is accepted.
func (v *Verdict) plain() bool {
	return v.Verdict == "accepted" && len(v.Warnings) == 0 && v.Deprecated == nil && v.Removed == nil
}
