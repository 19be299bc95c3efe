package custom

import (
	"fmt"
	"slices"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apihelpers"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	structuraldefaulting "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/crdserverscheme"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	kubeversion "k8s.io/apimachinery/pkg/version"

	"gitops-validate/engine/internal/validate/server"
)

// version is what the API server builds to serve one version of a custom kind.
type version struct {
	server.Target
	structural *structuralschema.Structural
	preserve   bool
	deprecated string
	applier    func() (*applier, error) // made once, when the first object is applied
}

// compile follows getOrCreateServingInfoFor of k8s.io/apiextensions-apiserver/pkg/apiserver.
func (d *definition) compile(declared *v1.CustomResourceDefinitionVersion) (*version, error) {
	spec := d.crd.Spec
	group := schema.GroupVersion{Group: spec.Group, Version: declared.Name}
	v := &version{preserve: spec.PreserveUnknownFields, deprecated: deprecation(declared, spec)}
	v.Kind, v.Creater, v.Converter, v.Equivalents = group.WithKind(spec.Names.Kind), creator{}, converter{d.crd}, equivalents(d.crd)
	v.Resource, v.Namespaced = group.WithResource(spec.Names.Plural), spec.Scope == v1.NamespaceScoped
	properties, err := internalSchema(d.crd, declared.Name)
	if err != nil {
		return nil, err
	}
	if v.structural, err = structural(properties, v.preserve); err != nil {
		return nil, err
	}
	storage, err := v.storage(d.crd, declared, properties)
	if err != nil {
		return nil, err
	}
	v.Registry = server.Bound(storage.CustomResource)
	v.applier = sync.OnceValues(func() (*applier, error) { return v.newApplier(d.crd, storage) })
	return v, nil
}

func structural(properties *apiextensions.JSONSchemaProps, preserve bool) (*structuralschema.Structural, error) {
	if properties == nil {
		return nil, nil
	}
	made, err := structuralschema.NewStructural(properties)
	if preserve {
		return made, nil
	}
	if err != nil {
		return nil, err
	}
	made = made.DeepCopy()
	return made, structuraldefaulting.PruneDefaults(made)
}

func internalSchema(crd *v1.CustomResourceDefinition, name string) (*apiextensions.JSONSchemaProps, error) {
	declared, err := apihelpers.GetSchemaForVersion(crd, name)
	if err != nil || declared == nil {
		return nil, err
	}
	converted := &apiextensions.CustomResourceValidation{}
	if err := v1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(declared, converted, nil); err != nil {
		return nil, err
	}
	return converted.OpenAPIV3Schema, nil
}

// deprecation is the server's warning: the definition's own, or one that names the best version that is still good.
func deprecation(declared *v1.CustomResourceDefinitionVersion, spec v1.CustomResourceDefinitionSpec) string {
	if !declared.Deprecated {
		return ""
	}
	if declared.DeprecationWarning != nil {
		return *declared.DeprecationWarning
	}
	message := fmt.Sprintf("%s/%s %s is deprecated", spec.Group, declared.Name, spec.Names.Kind)
	var newer []string
	for _, other := range spec.Versions {
		if other.Served && !other.Deprecated && kubeversion.CompareKubeAwareVersionStrings(declared.Name, other.Name) < 0 {
			newer = append(newer, other.Name)
		}
	}
	if len(newer) == 0 {
		return message
	}
	return fmt.Sprintf("%s; use %s/%s %s", message, spec.Group, slices.MaxFunc(newer, kubeversion.CompareKubeAwareVersionStrings), spec.Names.Kind)
}

// storage is the registry of a custom kind, over a storage that holds nothing.
func (v *version) storage(crd *v1.CustomResourceDefinition, declared *v1.CustomResourceDefinitionVersion, properties *apiextensions.JSONSchemaProps) (customresource.CustomResourceStorage, error) {
	validator, _, err := validation.NewSchemaValidator(asRead(properties, server.Emulated()))
	if err != nil {
		return customresource.CustomResourceStorage{}, err
	}
	status, scale, err := subresources(declared.Subresources)
	if err != nil {
		return customresource.CustomResourceStorage{}, err
	}
	strategy := customresource.NewStrategy(crdserverscheme.NewUnstructuredObjectTyper(), v.Namespaced, v.Kind, validator, nil, v.structural, status, scale, declared.SelectableFields)
	table, err := tableconvertor.New(nil)
	if err != nil {
		return customresource.CustomResourceStorage{}, err
	}
	singular := schema.GroupResource{Group: v.Kind.Group, Resource: crd.Spec.Names.Singular}
	list := v.Kind.GroupVersion().WithKind(crd.Spec.Names.ListKind)
	return customresource.NewStorage(v.Resource.GroupResource(), singular, v.Kind, list, strategy, server.Registries(), nil, table, managedfields.ResourcePathMappings{})
}

func subresources(declared *v1.CustomResourceSubresources) (*apiextensions.CustomResourceSubresourceStatus, *apiextensions.CustomResourceSubresourceScale, error) {
	if declared == nil {
		return nil, nil, nil
	}
	converted := &apiextensions.CustomResourceSubresources{}
	err := v1.Convert_v1_CustomResourceSubresources_To_apiextensions_CustomResourceSubresources(declared, converted, nil)
	return converted.Status, converted.Scale, err
}
