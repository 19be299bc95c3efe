package custom

import (
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/structured-merge-diff/v6/typed"

	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/worker"
)

// Typed is an object of a custom kind with the types by which a server-side apply merges it; nil if nothing defines the kind, or serves the version.
func Typed(config *worker.Config, kind schema.GroupVersionKind, digests []string) (*typed.TypedValue, error) {
	definition, _, err := lookup(config, kind, digests)
	if err != nil || definition == nil {
		return nil, err
	}
	served, err := definition.served(kind.Version)
	if err != nil || served == nil {
		return nil, err
	}
	applier, err := served.applier()
	if err != nil {
		return nil, err
	}
	return applier.types.ObjectToTyped(server.Sample(kind))
}
