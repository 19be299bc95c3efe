package sops

import (
	"context"
	"errors"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

func Inspect(ctx context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	return nil, nil, errors.New("not implemented")
}
func Verify(ctx context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	return nil, nil, errors.New("not implemented")
}
func Decrypt(ctx context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	return nil, nil, errors.New("not implemented")
}
func Encrypt(ctx context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	return nil, nil, errors.New("not implemented")
}
func Rotate(ctx context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	return nil, nil, errors.New("not implemented")
}
