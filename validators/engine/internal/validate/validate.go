package validate

import (
	"context"
	"errors"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

func Define(ctx context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	return nil, nil, errors.New("not implemented")
}
func Judge(ctx context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	return nil, nil, errors.New("not implemented")
}
