package policies

import (
	v1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"
)

// params are the objects of an environment that a policy may take parameters from.
type params struct {
	cache.Indexer
	resource schema.GroupResource
	scope    meta.RESTScope // nil as long as no object of the kind is known
}

func newParams(wanted *v1.ParamKind, objects []Accepted) *params {
	found := &params{Indexer: cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})}
	if wanted == nil {
		return found
	}
	kind := schema.FromAPIVersionAndKind(wanted.APIVersion, wanted.Kind)
	for _, each := range objects {
		if each.GetKind().GroupKind() == kind.GroupKind() {
			found.add(each, kind)
		}
	}
	return found
}

// add keeps an object as the server would give it out: with its defaults, in the version that the policy asks for.
func (p *params) add(object Accepted, kind schema.GroupVersionKind) {
	converted := object.as(kind)
	if converted == nil {
		return
	}
	values, err := runtime.DefaultUnstructuredConverter.ToUnstructured(converted)
	if err != nil {
		return
	}
	param := &unstructured.Unstructured{Object: values}
	param.SetGroupVersionKind(kind)
	p.resource, p.scope = object.GetResource().GroupResource(), meta.RESTScopeRoot
	if param.GetNamespace() != "" {
		p.scope = meta.RESTScopeNamespace
	}
	_ = p.Indexer.Add(param)
}

// of is the scope of the parameters that a binding refers to, by how it refers to them if none is known.
func (p *params) of(ref *v1.ParamRef) meta.RESTScope {
	if p.scope != nil || ref == nil {
		return p.scope
	}
	if ref.Namespace != "" {
		return meta.RESTScopeNamespace
	}
	return meta.RESTScopeRoot
}

// Lister implements informers.GenericInformer.
func (p *params) Lister() cache.GenericLister { return cache.NewGenericLister(p.Indexer, p.resource) }

// Informer implements informers.GenericInformer.
func (p *params) Informer() cache.SharedIndexInformer { return synced{} }

// synced has nothing to wait for.
type synced struct{ cache.SharedIndexInformer }

// HasSynced implements cache.SharedIndexInformer.
func (synced) HasSynced() bool { return true }
