package validate

import (
	"context"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/structured-merge-diff/v6/typed"

	"gitops-validate/engine/internal/validate/custom"
	"gitops-validate/engine/internal/validate/merging"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// Lists answers `lists`: how a server-side apply merges the lists in objects of a kind. `types` is null if nothing defines the kind.
func Lists(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[struct {
		Definitions []string `json:"definitions"`
		APIVersion  string   `json:"apiVersion"`
		Kind        string   `json:"kind"`
	}](request)
	if err != nil {
		return nil, nil, err
	}
	judges, err := server.Start(config.APIServer)
	if err != nil {
		return nil, nil, err
	}
	kind := schema.FromAPIVersionAndKind(args.APIVersion, args.Kind)
	sample, err := judges.Typed(kind)
	if sample == nil && err == nil {
		sample, err = custom.Typed(config, kind, args.Definitions)
	}
	return map[string]any{"types": typesOf(sample, err)}, nil, nil
}

// typesOf are the types of a sample. A definition of which a server could make none, so that nothing is applied by it, has no types.
func typesOf(sample *typed.TypedValue, err error) []merging.Node {
	if sample == nil || err != nil {
		return nil
	}
	return merging.Of(sample.Schema(), sample.TypeRef())
}
