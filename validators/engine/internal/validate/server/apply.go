package server

import (
	"fmt"
	"strings"
	"sync"

	apiextensionsserver "k8s.io/apiextensions-apiserver/pkg/apiserver"
	apiextensionsopenapi "k8s.io/apiextensions-apiserver/pkg/generated/openapi"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apiserver/pkg/endpoints/openapi"
	"k8s.io/apiserver/pkg/registry/rest"
	aggregatorscheme "k8s.io/kube-aggregator/pkg/apiserver/scheme"
	aggregatoropenapi "k8s.io/kube-aggregator/pkg/generated/openapi"
	"k8s.io/kube-openapi/pkg/builder3"
	"k8s.io/kube-openapi/pkg/common"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	generatedopenapi "k8s.io/kubernetes/pkg/generated/openapi"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// FieldOwner is the manager in whose name is applied; the object is new, so that it conflicts with nobody.
const FieldOwner = "gitops-validate"

// appliers are the field managers by kind, made when a kind is first applied: typing all of Kubernetes' OpenAPI would take longer than most runs.
type appliers struct {
	mutex  sync.Mutex
	known  map[schema.GroupVersionKind]*managedfields.FieldManager
	config map[*runtime.Scheme]*common.OpenAPIV3Config
}

// apply types the object by its kind's OpenAPI, as a server-side apply does, and gives the internal object that results.
func (s *Server) apply(r *resource, values map[string]any) (runtime.Object, error) {
	if err := HasName(values); err != nil {
		return nil, err
	}
	manager, err := s.manager(r)
	if err != nil {
		return nil, err
	}
	empty, err := r.scheme.New(r.kind)
	if err != nil {
		return nil, err
	}
	return manager.Apply(empty, &unstructured.Unstructured{Object: values}, FieldOwner, true)
}

// HasName refuses what has no name: a server-side apply is a request to an address, and generates none.
func HasName(values map[string]any) error {
	if metadata, _ := values["metadata"].(map[string]any); metadata["name"] == nil || metadata["name"] == "" {
		return apierrors.NewBadRequest("metadata.name: Required value: name is required for a server-side apply")
	}
	return nil
}

func (a *appliers) manager(r *resource) (*managedfields.FieldManager, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if known, there := a.known[r.kind]; there {
		return known, nil
	}
	types, err := a.types(r)
	if err != nil {
		return nil, err
	}
	var reset map[fieldpath.APIVersion]fieldpath.Filter
	if strategy, is := r.Registry.(rest.ResetFieldsStrategy); is {
		reset = fieldpath.NewExcludeFilterSetMap(strategy.GetResetFields())
	}
	hub := schema.GroupVersion{Group: r.kind.Group, Version: runtime.APIVersionInternal}
	manager, err := managedfields.NewDefaultFieldManager(types, runtime.UnsafeObjectConvertor(r.scheme), r.scheme, r.scheme, r.kind, hub, "", reset)
	if err != nil {
		return nil, err
	}
	if a.known == nil {
		a.known = map[schema.GroupVersionKind]*managedfields.FieldManager{}
	}
	a.known[r.kind] = manager
	return manager, nil
}

// types converts by the OpenAPI definitions that one kind reaches.
func (a *appliers) types(r *resource) (managedfields.TypeConverter, error) {
	sample, err := r.scheme.New(r.kind)
	if err != nil {
		return nil, err
	}
	definitions, err := builder3.BuildOpenAPIDefinitionsForResources(a.openAPI(r.scheme), typeName(sample))
	if err != nil {
		return nil, err
	}
	return managedfields.NewTypeConverter(definitions, false)
}

func typeName(object runtime.Object) string {
	if named, is := object.(interface{ OpenAPIModelName() string }); is {
		return named.OpenAPIModelName()
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", object), "*")
}

func (a *appliers) openAPI(scheme *runtime.Scheme) *common.OpenAPIV3Config {
	if known, there := a.config[scheme]; there {
		return known
	}
	definitions := generatedopenapi.GetOpenAPIDefinitions
	switch scheme {
	case apiextensionsserver.Scheme:
		definitions = apiextensionsopenapi.GetOpenAPIDefinitions
	case aggregatorscheme.Scheme:
		definitions = aggregatoropenapi.GetOpenAPIDefinitions
	}
	namer := openapi.NewDefinitionNamer(legacyscheme.Scheme, apiextensionsserver.Scheme, aggregatorscheme.Scheme)
	config := &common.OpenAPIV3Config{GetDefinitions: definitions, GetDefinitionName: namer.GetDefinitionName, Info: nil}
	if a.config == nil {
		a.config = map[*runtime.Scheme]*common.OpenAPIV3Config{}
	}
	a.config[scheme] = config
	return config
}
