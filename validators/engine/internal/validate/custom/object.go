package custom

import (
	"fmt"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	structuraldefaulting "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// decode reads an object as a create with strict fields would. `repeated` are the fields that its JSON has more than once.
func (v *version) decode(values map[string]any, repeated []error) (runtime.Object, error) {
	object := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(values)}
	unknown, err := v.coerce(object)
	if err == nil {
		strict := repeated
		for _, field := range unknown {
			strict = append(strict, fmt.Errorf("unknown field %q", field))
		}
		if len(strict) > 0 {
			err = runtime.NewStrictDecodingError(strict)
		}
	}
	if err != nil {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", v.Kind.Kind, v.Kind.Version, v.Kind.Kind, err))
	}
	defaulter{v}.Default(object)
	return object, nil
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
	object.SetGroupVersionKind(v.Kind)
	if found {
		if err := objectmeta.SetObjectMeta(object.Object, metadata); err != nil {
			return nil, err
		}
	}
	return append(unknown, paths...), nil
}
