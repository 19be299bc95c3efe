package custom

import (
	"encoding/json"
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apihelpers"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	structuraldefaulting "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder"
	"k8s.io/apiextensions-apiserver/pkg/crdserverscheme"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"gitops-validate/engine/internal/validate/server"
)

// definition is a CustomResourceDefinition; its versions are compiled when an object first asks for them, since CEL takes its time.
type definition struct {
	crd      *v1.CustomResourceDefinition
	compiled map[string]*version
}

// version is what the API server builds to serve one version of a custom kind.
type version struct {
	server.Target
	kind       schema.GroupVersionKind
	structural *structuralschema.Structural
	preserve   bool
	deprecated string
	manager    *managedfields.FieldManager
}

// read takes a definition as the API server would store it, with its defaults.
func read(body []byte) (*definition, error) {
	crd := &v1.CustomResourceDefinition{}
	if err := json.Unmarshal(body, crd); err != nil {
		return nil, err
	}
	apiserver.Scheme.Default(crd)
	if crd.Spec.Group == "" || crd.Spec.Names.Kind == "" || crd.Spec.Names.Plural == "" || len(crd.Spec.Versions) == 0 {
		return nil, fmt.Errorf("%s defines no group, kind, plural name or version", crd.Name)
	}
	crd.Status.AcceptedNames = crd.Spec.Names
	return &definition{crd: crd, compiled: map[string]*version{}}, nil
}

// served gives a version as it is served, nil if it is not.
func (d *definition) served(name string) (*version, error) {
	if known, there := d.compiled[name]; there {
		return known, nil
	}
	for i := range d.crd.Spec.Versions {
		if declared := &d.crd.Spec.Versions[i]; declared.Name == name && declared.Served {
			compiled, err := d.compile(declared)
			if err != nil {
				return nil, fmt.Errorf("the definition of %s/%s cannot be served: %w", d.crd.Spec.Group, d.crd.Spec.Names.Kind, err)
			}
			d.compiled[name] = compiled
			return compiled, nil
		}
	}
	return nil, nil
}

// compile follows getOrCreateServingInfoFor of k8s.io/apiextensions-apiserver/pkg/apiserver.
func (d *definition) compile(declared *v1.CustomResourceDefinitionVersion) (*version, error) {
	names := d.crd.Spec.Names
	group := schema.GroupVersion{Group: d.crd.Spec.Group, Version: declared.Name}
	v := &version{kind: group.WithKind(names.Kind), preserve: d.crd.Spec.PreserveUnknownFields, deprecated: deprecation(declared, group.WithKind(names.Kind))}
	v.Resource, v.Namespaced = group.WithResource(names.Plural), d.crd.Spec.Scope == v1.NamespaceScoped
	properties, err := internalSchema(d.crd, declared.Name)
	if err != nil {
		return nil, err
	}
	if properties != nil {
		if v.structural, err = structuralschema.NewStructural(properties); err != nil && !v.preserve {
			return nil, err
		}
		if !v.preserve {
			v.structural = v.structural.DeepCopy()
			if err := structuraldefaulting.PruneDefaults(v.structural); err != nil {
				return nil, err
			}
		}
	}
	storage, err := v.storage(d.crd, declared, properties)
	if err != nil {
		return nil, err
	}
	v.Registry = storage.CustomResource
	v.manager, err = v.fieldManager(d.crd, storage)
	return v, err
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

func deprecation(declared *v1.CustomResourceDefinitionVersion, kind schema.GroupVersionKind) string {
	if !declared.Deprecated {
		return ""
	}
	if declared.DeprecationWarning != nil {
		return *declared.DeprecationWarning
	}
	return fmt.Sprintf("%s %s is deprecated", kind.GroupVersion(), kind.Kind)
}

// storage is the registry of a custom kind, over a storage that holds nothing.
func (v *version) storage(crd *v1.CustomResourceDefinition, declared *v1.CustomResourceDefinitionVersion, properties *apiextensions.JSONSchemaProps) (customresource.CustomResourceStorage, error) {
	validator, _, err := validation.NewSchemaValidator(properties)
	if err != nil {
		return customresource.CustomResourceStorage{}, err
	}
	var status *apiextensions.CustomResourceSubresourceStatus
	if declared.Subresources != nil && declared.Subresources.Status != nil {
		status = &apiextensions.CustomResourceSubresourceStatus{}
	}
	strategy := customresource.NewStrategy(crdserverscheme.NewUnstructuredObjectTyper(), v.Namespaced, v.kind, validator, nil, v.structural, status, nil, declared.SelectableFields)
	table, err := tableconvertor.New(nil)
	if err != nil {
		return customresource.CustomResourceStorage{}, err
	}
	singular := schema.GroupResource{Group: v.kind.Group, Resource: crd.Spec.Names.Singular}
	list := v.kind.GroupVersion().WithKind(crd.Spec.Names.ListKind)
	return customresource.NewStorage(v.Resource.GroupResource(), singular, v.kind, list, strategy, server.Registries(), nil, table, managedfields.ResourcePathMappings{})
}

// fieldManager types objects by the definition's own OpenAPI, for server-side apply.
func (v *version) fieldManager(crd *v1.CustomResourceDefinition, storage customresource.CustomResourceStorage) (*managedfields.FieldManager, error) {
	document, err := builder.BuildOpenAPIV3(crd, v.kind.Version, builder.Options{})
	if err != nil {
		return nil, err
	}
	schemas := map[string]*spec.Schema{}
	if document.Components != nil {
		schemas = document.Components.Schemas
	}
	types, err := managedfields.NewTypeConverter(schemas, v.preserve)
	if err != nil {
		return nil, err
	}
	return managedfields.NewDefaultCRDFieldManager(types, sameVersion{}, defaulter{v}, creator{}, v.kind, v.kind.GroupVersion(), "", fieldpath.NewExcludeFilterSetMap(storage.CustomResource.GetResetFields()))
}

// defaulter sets the defaults of the schema.
type defaulter struct{ *version }

// Default implements runtime.ObjectDefaulter.
func (d defaulter) Default(in runtime.Object) {
	if object, is := in.(runtime.Unstructured); is {
		structuraldefaulting.Default(object.UnstructuredContent(), d.structural)
	}
}
