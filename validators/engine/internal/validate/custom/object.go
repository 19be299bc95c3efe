package custom

import (
	"fmt"
	"strings"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	structuraldefaulting "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/validate/server"
)

// decode reads an object as a request for this version would be read.
func (v *version) decode(values map[string]any, mode cause.Mode) (runtime.Object, error) {
	if mode == cause.ServerSide {
		return v.apply(values)
	}
	object := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(values)}
	unknown, err := v.coerce(object)
	if err != nil {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", v.kind.Kind, v.kind.Version, v.kind.Kind, err))
	}
	if len(unknown) > 0 {
		quoted := make([]string, len(unknown))
		for i, field := range unknown {
			quoted[i] = fmt.Sprintf("unknown field %q", field)
		}
		return nil, apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: strict decoding error: %s", v.kind.Kind, v.kind.Version, v.kind.Kind, strings.Join(quoted, ", ")))
	}
	defaulter{v}.Default(object)
	return object, nil
}

func (v *version) apply(values map[string]any) (runtime.Object, error) {
	if err := server.HasName(values); err != nil {
		return nil, err
	}
	empty := &unstructured.Unstructured{}
	empty.SetGroupVersionKind(v.kind)
	return v.manager.Apply(empty, &unstructured.Unstructured{Object: runtime.DeepCopyJSON(values)}, server.FieldOwner, true)
}

// coerce does to a custom object what decoding into a struct does to a built-in one: it checks metadata, here and in embedded resources, drops
// fields that the schema does not have and returns their paths, and drops nulls that may not be. See schemaCoercingDecoder in
// k8s.io/apiextensions-apiserver/pkg/apiserver.
func (v *version) coerce(object *unstructured.Unstructured) (unknown []string, err error) {
	metadata, found, unknown, err := objectmeta.GetObjectMetaWithOptions(object.Object, objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		return nil, err
	}
	if !v.preserve {
		unknown = append(unknown, pruning.PruneWithOptions(object.Object, v.structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})...)
		structuraldefaulting.PruneNonNullableNullsWithoutDefaults(object.Object, v.structural)
	}
	fault, paths := objectmeta.CoerceWithOptions(nil, object.Object, v.structural, false, objectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	if fault != nil {
		return nil, fault
	}
	object.SetGroupVersionKind(v.kind)
	if found {
		if err := objectmeta.SetObjectMeta(object.Object, metadata); err != nil {
			return nil, err
		}
	}
	return append(unknown, paths...), nil
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
