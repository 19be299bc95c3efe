package server

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	apiextensionsserver "k8s.io/apiextensions-apiserver/pkg/apiserver"
	apiextensionsopenapi "k8s.io/apiextensions-apiserver/pkg/generated/openapi"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apiserver/pkg/endpoints/openapi"
	aggregatorscheme "k8s.io/kube-aggregator/pkg/apiserver/scheme"
	aggregatoropenapi "k8s.io/kube-aggregator/pkg/generated/openapi"
	"k8s.io/kube-openapi/pkg/builder3"
	"k8s.io/kube-openapi/pkg/common"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	generatedopenapi "k8s.io/kubernetes/pkg/generated/openapi"
)

// FieldOwner is the manager in whose name is applied; the object is new, so that it conflicts with nobody.
const FieldOwner = "gitops-validate"

// appliers are the types of each of the three servers' kinds, by their OpenAPI. They are made when something is first applied.
type appliers struct {
	mutex sync.Mutex
	known map[*runtime.Scheme]managedfields.TypeConverter
}

// apply types the object by its kind's OpenAPI, as a server-side apply does, and gives the internal object that results.
//
// A field manager would also merge it with the object that is there and note who owns what. Nothing is there, so that all of this, which takes
// most of the time, is left out until an object is refused: then the field manager says why.
func (s *Server) apply(r *resource, values map[string]any) (runtime.Object, error) {
	if err := HasName(values); err != nil {
		return nil, err
	}
	types, err := s.types(r.scheme)
	if err != nil {
		return nil, err
	}
	patch := &unstructured.Unstructured{Object: values}
	object, err := r.typed(types, patch)
	if err != nil {
		object, err = r.managed(types, patch)
	}
	if err != nil {
		return nil, AllUndeclared(err, types, patch)
	}
	return object, IsNew(r.Resource.GroupResource(), patch)
}

// HasName refuses what has no name: a server-side apply is a request to an address, and generates none.
func HasName(values map[string]any) error {
	if metadata, _ := values["metadata"].(map[string]any); metadata["name"] == nil || metadata["name"] == "" {
		return apierrors.NewBadRequest("metadata.name: Required value: name is required for a server-side apply")
	}
	return nil
}

// IsNew refuses an object that names a UID, in the server's words: it means one that is there, and none is.
func IsNew(resource schema.GroupResource, patch *unstructured.Unstructured) error {
	uid := patch.GetUID()
	if uid == "" {
		return nil
	}
	absent := fmt.Sprintf("uid mismatch: the provided object specified uid %s, and no existing object was found", uid)
	conflict := apierrors.NewConflict(resource, patch.GetName(), errors.New(absent))
	conflict.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: metav1.CauseType(metav1.StatusReasonConflict), Field: "metadata.uid", Message: absent}}
	return conflict
}

// typed does with an object what remains of a server-side apply when no other is there.
func (r *resource) typed(types managedfields.TypeConverter, patch *unstructured.Unstructured) (runtime.Object, error) {
	if metadata, _ := patch.Object["metadata"].(map[string]any); metadata["managedFields"] != nil {
		return nil, apierrors.NewBadRequest("metadata.managedFields must be nil")
	}
	if _, err := types.ObjectToTyped(patch); err != nil {
		return nil, err
	}
	converter := runtime.UnsafeObjectConvertor(r.scheme)
	versioned, err := converter.ConvertToVersion(patch, r.Kind.GroupVersion())
	if err != nil {
		return nil, err
	}
	r.scheme.Default(versioned)
	return converter.ConvertToVersion(versioned, r.hub())
}

// managed does all of it, in the server's own order.
func (r *resource) managed(types managedfields.TypeConverter, patch *unstructured.Unstructured) (runtime.Object, error) {
	manager, err := r.manager(types)
	if err != nil {
		return nil, err
	}
	empty, err := r.scheme.New(r.Kind)
	if err != nil {
		return nil, err
	}
	return manager.Apply(empty, patch, FieldOwner, true)
}

func (r *resource) manager(types managedfields.TypeConverter) (*managedfields.FieldManager, error) {
	return managedfields.NewDefaultFieldManager(types, runtime.UnsafeObjectConvertor(r.scheme), r.scheme, r.scheme, r.Kind, r.hub(), "", nil)
}

func (r *resource) hub() schema.GroupVersion {
	return schema.GroupVersion{Group: r.Kind.Group, Version: runtime.APIVersionInternal}
}

// types are those of all kinds of a scheme: making them together takes little longer than making one.
func (s *Server) types(scheme *runtime.Scheme) (managedfields.TypeConverter, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if known, there := s.known[scheme]; there {
		return known, nil
	}
	var names []string
	for _, each := range s.kinds {
		if sample, err := each.scheme.New(each.Kind); err == nil && each.scheme == scheme {
			names = append(names, typeName(sample))
		}
	}
	definitions, err := builder3.BuildOpenAPIDefinitionsForResources(openAPI(scheme), names...)
	if err != nil {
		return nil, err
	}
	types, err := managedfields.NewTypeConverter(definitions, false)
	if err != nil {
		return nil, err
	}
	if s.known == nil {
		s.known = map[*runtime.Scheme]managedfields.TypeConverter{}
	}
	s.known[scheme] = types
	return types, nil
}

func typeName(object runtime.Object) string {
	if named, is := object.(interface{ OpenAPIModelName() string }); is {
		return named.OpenAPIModelName()
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", object), "*")
}

func openAPI(scheme *runtime.Scheme) *common.OpenAPIV3Config {
	definitions := generatedopenapi.GetOpenAPIDefinitions
	switch scheme {
	case apiextensionsserver.Scheme:
		definitions = apiextensionsopenapi.GetOpenAPIDefinitions
	case aggregatorscheme.Scheme:
		definitions = aggregatoropenapi.GetOpenAPIDefinitions
	}
	namer := openapi.NewDefinitionNamer(legacyscheme.Scheme, apiextensionsserver.Scheme, aggregatorscheme.Scheme)
	return &common.OpenAPIV3Config{GetDefinitions: definitions, GetDefinitionName: namer.GetDefinitionName}
}
