package custom

import (
	"fmt"

	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// converter turns objects of a custom kind into other versions of it, as far as no webhook is needed for that.
type converter struct{ crd *v1.CustomResourceDefinition }

// Convert implements runtime.ObjectConvertor. Without a webhook, versions differ in nothing but their name.
func (c converter) Convert(in, out, _ any) error {
	from, is := in.(*unstructured.Unstructured)
	to, fits := out.(*unstructured.Unstructured)
	if !is || !fits {
		return fmt.Errorf("%T cannot be converted to %T", in, out)
	}
	if conversion := c.crd.Spec.Conversion; conversion != nil && conversion.Strategy == v1.WebhookConverter {
		return fmt.Errorf("%s converts its objects by a webhook", c.crd.Name)
	}
	kind := to.GroupVersionKind()
	to.Object = runtime.DeepCopyJSON(from.Object)
	to.SetGroupVersionKind(kind)
	return nil
}

// ConvertToVersion implements runtime.ObjectConvertor; nothing asks for it.
func (converter) ConvertToVersion(object runtime.Object, _ runtime.GroupVersioner) (runtime.Object, error) {
	return nil, fmt.Errorf("%T cannot be converted", object)
}

// ConvertFieldLabel implements runtime.ObjectConvertor; nothing asks for it.
func (converter) ConvertFieldLabel(_ schema.GroupVersionKind, label, value string) (string, string, error) {
	return label, value, nil
}

// equivalents are the versions that a definition serves.
func equivalents(crd *v1.CustomResourceDefinition) runtime.EquivalentResourceMapper {
	registry := runtime.NewEquivalentResourceRegistry()
	for _, declared := range crd.Spec.Versions {
		if declared.Served {
			group := schema.GroupVersion{Group: crd.Spec.Group, Version: declared.Name}
			registry.RegisterKindFor(group.WithResource(crd.Spec.Names.Plural), "", group.WithKind(crd.Spec.Names.Kind))
		}
	}
	return registry
}
