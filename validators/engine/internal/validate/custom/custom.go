// Package custom judges objects of kinds that CustomResourceDefinitions define.
package custom

import (
	"context"
	"errors"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// Define answers `define`.
func Define(context.Context, *worker.Config, wire.Request) (any, wire.Blobs, error) {
	return nil, nil, errors.New("not implemented")
}

// Judge says that no kind is known.
func Judge(*worker.Config, []byte, cause.Mode, []string, string) ([]cause.Cause, []string, string, bool, error) {
	return nil, nil, "", false, nil
}
