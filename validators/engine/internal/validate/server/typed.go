package server

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	merge "sigs.k8s.io/structured-merge-diff/v6/typed"
)

// Typed is an object of a built-in kind with the types by which a server-side apply merges it; nil if the kind is not served.
func (s *Server) Typed(kind schema.GroupVersionKind) (*merge.TypedValue, error) {
	served := s.kinds[kind]
	if served == nil {
		return nil, nil
	}
	types, err := s.types(served.scheme)
	if err != nil {
		return nil, err
	}
	return types.ObjectToTyped(Sample(kind))
}

// Sample is an object of a kind that has nothing but its kind.
func Sample(kind schema.GroupVersionKind) *unstructured.Unstructured {
	sample := &unstructured.Unstructured{Object: map[string]any{}}
	sample.SetGroupVersionKind(kind)
	return sample
}
