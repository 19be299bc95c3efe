package custom

import (
	"fmt"

	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuraldefaulting "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"gitops-validate/engine/internal/validate/server"
)

// applier types objects by the definition's own OpenAPI, for server-side apply.
type applier struct {
	types   managedfields.TypeConverter
	manager *managedfields.FieldManager
}

func (v *version) newApplier(crd *v1.CustomResourceDefinition, storage customresource.CustomResourceStorage) (*applier, error) {
	document, err := builder.BuildOpenAPIV3(crd, v.Kind.Version, builder.Options{})
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
	reset := fieldpath.NewExcludeFilterSetMap(storage.CustomResource.GetResetFields())
	manager, err := managedfields.NewDefaultCRDFieldManager(types, sameVersion{}, defaulter{v}, creator{}, v.Kind, v.Kind.GroupVersion(), "", reset)
	return &applier{types, manager}, err
}

// apply does with an object what a server-side apply does when no other is there: merging it with nothing is left out until it is refused, and
// only says why.
func (v *version) apply(values map[string]any, repeated []error) (runtime.Object, error) {
	if err := server.HasName(values); err != nil {
		return nil, err
	}
	applier, err := v.applier()
	if err != nil {
		return nil, err
	}
	patch := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(values)}
	if _, fault := applier.types.ObjectToTyped(patch); fault != nil || hasManagedFields(patch) {
		if err := applier.explain(v.Kind, patch); err != nil {
			return nil, err
		}
	}
	if len(repeated) > 0 {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("error strict decoding patch: %v", runtime.NewStrictDecodingError(repeated)))
	}
	if err := server.IsNew(v.Resource.GroupResource(), patch); err != nil {
		return nil, err
	}
	defaulter{v}.Default(patch)
	return patch, nil
}

func hasManagedFields(patch *unstructured.Unstructured) bool {
	metadata, _ := patch.Object["metadata"].(map[string]any)
	return metadata["managedFields"] != nil
}

// explain carries out the whole apply, for the words of its refusal.
func (a *applier) explain(kind schema.GroupVersionKind, patch *unstructured.Unstructured) error {
	empty := &unstructured.Unstructured{}
	empty.SetGroupVersionKind(kind)
	if _, err := a.manager.Apply(empty, patch.DeepCopy(), server.FieldOwner, true); err != nil {
		return server.AllUndeclared(err, a.types, patch)
	}
	return nil
}

// defaulter sets the defaults of the schema.
type defaulter struct{ *version }

// Default implements runtime.ObjectDefaulter.
func (d defaulter) Default(in runtime.Object) {
	if object, is := in.(runtime.Unstructured); is {
		structuraldefaulting.Default(object.UnstructuredContent(), d.structural)
	}
}

// creator makes empty objects of any custom kind.
type creator struct{}

// New implements runtime.ObjectCreater.
func (creator) New(kind schema.GroupVersionKind) (runtime.Object, error) {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(kind)
	return object, nil
}

// sameVersion converts nothing: a request names the version that it is judged in.
type sameVersion struct{}

// Convert implements runtime.ObjectConvertor.
func (sameVersion) Convert(in, out, _ any) error {
	from, okFrom := in.(*unstructured.Unstructured)
	to, okTo := out.(*unstructured.Unstructured)
	if !okFrom || !okTo {
		return fmt.Errorf("cannot convert %T to %T", in, out)
	}
	to.Object = from.Object
	return nil
}

// ConvertToVersion implements runtime.ObjectConvertor.
func (sameVersion) ConvertToVersion(in runtime.Object, _ runtime.GroupVersioner) (runtime.Object, error) {
	return in, nil
}

// ConvertFieldLabel implements runtime.ObjectConvertor.
func (sameVersion) ConvertFieldLabel(_ schema.GroupVersionKind, label, value string) (string, string, error) {
	return label, value, nil
}
