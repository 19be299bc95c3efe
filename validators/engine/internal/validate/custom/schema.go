package custom

import (
	"encoding/json"
	"strings"

	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/cel/openapi/resolver"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// KindOf is the kind of a resource that one of these definitions serves.
func KindOf(digests []string, resource schema.GroupVersionResource) (schema.GroupVersionKind, bool) {
	if crd := serving(digests, func(crd *v1.CustomResourceDefinition) bool {
		return crd.Spec.Group == resource.Group && crd.Spec.Names.Plural == resource.Resource
	}); crd != nil {
		return resource.GroupVersion().WithKind(crd.Spec.Names.Kind), true
	}
	return schema.GroupVersionKind{}, false
}

// SchemaOf are the types of the fields of a kind that one of these definitions serves, nil if none does.
func SchemaOf(digests []string, kind schema.GroupVersionKind) (*spec.Schema, error) {
	crd := serving(digests, func(crd *v1.CustomResourceDefinition) bool {
		return crd.Spec.Group == kind.Group && crd.Spec.Names.Kind == kind.Kind
	})
	if crd == nil {
		return nil, nil
	}
	document, err := builder.BuildOpenAPIV3(crd, kind.Version, builder.Options{})
	if err != nil || document.Components == nil {
		return nil, err
	}
	find := func(name string) (*spec.Schema, bool) {
		found, there := document.Components.Schemas[strings.TrimPrefix(name, "#/components/schemas/")]
		return found, there
	}
	for name, each := range document.Components.Schemas {
		if named(each, kind.Kind) {
			return resolver.PopulateRefs(find, name)
		}
	}
	return nil, nil
}

// named reports whether a schema is that of a kind, rather than of its lists or of what is in it.
func named(found *spec.Schema, kind string) bool {
	var listed []struct{ Kind string }
	written, err := json.Marshal(found.Extensions["x-kubernetes-group-version-kind"])
	return err == nil && json.Unmarshal(written, &listed) == nil && len(listed) > 0 && listed[0].Kind == kind
}

func serving(digests []string, is func(*v1.CustomResourceDefinition) bool) *v1.CustomResourceDefinition {
	known.Lock()
	defer known.Unlock()
	for _, digest := range digests {
		if found := known.byDigest[digest]; found != nil && is(found.crd) {
			return found.crd
		}
	}
	return nil
}
