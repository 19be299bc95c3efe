// Package rego holds objects against policies in Rego by OPA's own library, with conftest's conventions.
//
// Policies belong to whoever wrote the tree under review. They are compiled with functions that compute and nothing else (capabilities.go), read
// nothing but the object that they are asked about, and have a limited time (evaluate.go). Which of their rules are asked is conftest's choice
// (rules.go).
package rego

import (
	"context"
	"fmt"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/parallel"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

type arguments struct {
	Files []string `json:"files"`
}

type result struct {
	Failures []fault.Failure `json:"failures"`
	Objects  [][]Said        `json:"objects"`
	Unknown  string          `json:"unknown"`
}

// Said is what a rule has against an object.
type Said struct {
	Package string `json:"package"`
	Rule    string `json:"rule"`
	Warning bool   `json:"warning"`
	Message string `json:"message"`
}

// Judge answers `rego`: the blobs are the policies, one a file, and then the objects.
func Judge(ctx context.Context, _ *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[arguments](request)
	if err != nil {
		return nil, nil, err
	}
	if len(args.Files) > len(request.Blobs) {
		return nil, nil, fmt.Errorf("rego: %d files and %d blobs", len(args.Files), len(request.Blobs))
	}
	texts, objects := request.Blobs[:len(args.Files)], request.Blobs[len(args.Files):]
	answer := result{Failures: []fault.Failure{}, Objects: make([][]Said, len(objects))}
	policies, failures := compile(args.Files, texts)
	if len(failures) > 0 {
		answer.Failures = failures
		return answer, nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	asked, err := prepare(ctx, policies)
	if err != nil {
		return nil, nil, err
	}
	answer.Objects = parallel.Map(len(objects), func(i int) []Said { return asked.evaluate(ctx, objects[i]) })
	if asked.fault.Load() != nil {
		answer.Unknown = *asked.fault.Load()
	}
	return answer, nil, nil
}
