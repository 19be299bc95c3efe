package server

import (
	"sync"

	apiextensionsserver "k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/cel/openapi/resolver"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	generatedopenapi "k8s.io/kubernetes/pkg/generated/openapi"
)

var builtInSchemas = sync.OnceValue(func() *resolver.DefinitionsSchemaResolver {
	return resolver.NewDefinitionsSchemaResolver(generatedopenapi.GetOpenAPIDefinitions, legacyscheme.Scheme, apiextensionsserver.Scheme)
})

// SchemaOf are the types of the fields of a built-in kind.
func (s *Server) SchemaOf(kind schema.GroupVersionKind) (*spec.Schema, error) {
	return builtInSchemas().ResolveSchema(kind)
}

// KindOf is the kind of a served resource.
func (s *Server) KindOf(resource schema.GroupVersionResource) (schema.GroupVersionKind, bool) {
	for kind, served := range s.kinds {
		if served.Resource == resource {
			return kind, true
		}
	}
	return schema.GroupVersionKind{}, false
}
