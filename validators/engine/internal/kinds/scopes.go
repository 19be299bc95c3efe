// Package kinds says which kinds live in a namespace, and since when Kubernetes has its own.
package kinds

import (
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// ScopeNames are the scopes of custom kinds that the caller knows: "group/Kind" to "Namespaced" or "Cluster".
type ScopeNames map[string]string

// Scopes knows which kinds have a namespace: Kubernetes' own, those that the caller knows, and those that what is rendered defines itself.
type Scopes map[schema.GroupKind]bool

// Scopes reads them.
func (n ScopeNames) Scopes() Scopes {
	known := Scopes{}
	for name, scope := range n {
		if group, kind, custom := strings.Cut(name, "/"); custom {
			known[schema.GroupKind{Group: group, Kind: kind}] = scope == "Namespaced"
		}
	}
	return known
}

// Learn notes what a CustomResourceDefinition defines.
func (s Scopes) Learn(defined map[string]any) {
	group, _, _ := unstructured.NestedString(defined, "spec", "group")
	kind, _, _ := unstructured.NestedString(defined, "spec", "names", "kind")
	scope, _, _ := unstructured.NestedString(defined, "spec", "scope")
	s[schema.GroupKind{Group: group, Kind: kind}] = scope == "Namespaced"
}

// Namespaced answers for a kind, and whether it is known at all.
func (s Scopes) Namespaced(kind schema.GroupVersionKind) (namespaced, known bool) {
	if namespaced, known = s[kind.GroupKind()]; known {
		return namespaced, true
	}
	own, known := BuiltIns()[kind]
	return own.Namespaced, known
}
