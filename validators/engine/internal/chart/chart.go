package chart

import (
	"context"
	"errors"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

func Fetch(ctx context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	return nil, nil, errors.New("not implemented")
}
