package server

import (
	"context"
	"io"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/storagebackend"
	"k8s.io/apiserver/pkg/storage/storagebackend/factory"
	"k8s.io/client-go/tools/cache"
)

// empty is a storage that holds nothing and keeps nothing: what an API server's registry sees of a cluster in which the object is new. All
// requests are dry runs; what they do not need is left out, and would panic.
type empty struct{ storage.Interface }

// Versioner is the API server's own.
func (empty) Versioner() storage.Versioner { return storage.APIObjectVersioner{} }

// Get finds nothing.
func (empty) Get(_ context.Context, key string, options storage.GetOptions, _ runtime.Object) error {
	if options.IgnoreNotFound {
		return nil
	}
	return storage.NewKeyNotFoundError(key, 0)
}

// GetList finds nothing.
func (empty) GetList(context.Context, string, storage.ListOptions, runtime.Object) error { return nil }

// Registries is given to every registry instead of a connection to etcd.
func Registries() generic.RESTOptionsGetter { return optionsGetter{} }

type optionsGetter struct{}

func (optionsGetter) GetRESTOptions(resource schema.GroupResource, _ runtime.Object) (generic.RESTOptions, error) {
	return generic.RESTOptions{
		StorageConfig:  (&storagebackend.Config{Codec: unwritten{}}).ForResource(resource),
		ResourcePrefix: resource.Group + "/" + resource.Resource,
		Decorator: func(*storagebackend.ConfigForResource, string, func(runtime.Object) (string, error), func() runtime.Object, func() runtime.Object, storage.AttrFunc, storage.IndexerFuncs, *cache.Indexers) (storage.Interface, factory.DestroyFunc, error) {
			return empty{}, func() {}, nil
		},
	}, nil
}

// unwritten is the codec of that storage: a dry run copies the object that it would have written through it, which nobody reads here.
type unwritten struct{}

// Encode writes nothing.
func (unwritten) Encode(runtime.Object, io.Writer) error { return nil }

// Identifier is the codec's name.
func (unwritten) Identifier() runtime.Identifier { return "unwritten" }

// Decode leaves the object as it is.
func (unwritten) Decode(_ []byte, kind *schema.GroupVersionKind, into runtime.Object) (runtime.Object, *schema.GroupVersionKind, error) {
	return into, kind, nil
}
