package server

import (
	"fmt"
	"net"
	"strings"
	"time"

	apiextensionsinternal "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsserver "k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	serverstorage "k8s.io/apiserver/pkg/server/storage"
	discoveryfake "k8s.io/client-go/discovery/fake"
	clienttesting "k8s.io/client-go/testing"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	aggregatorscheme "k8s.io/kube-aggregator/pkg/apiserver/scheme"
	apiserviceetcd "k8s.io/kube-aggregator/pkg/registry/apiservice/etcd"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	api "k8s.io/kubernetes/pkg/apis/core"
	controlplaneapiserver "k8s.io/kubernetes/pkg/controlplane/apiserver"
	kubeletclient "k8s.io/kubernetes/pkg/kubelet/client"
	admissionregistrationrest "k8s.io/kubernetes/pkg/registry/admissionregistration/rest"
	apiserverinternalrest "k8s.io/kubernetes/pkg/registry/apiserverinternal/rest"
	appsrest "k8s.io/kubernetes/pkg/registry/apps/rest"
	authenticationrest "k8s.io/kubernetes/pkg/registry/authentication/rest"
	authorizationrest "k8s.io/kubernetes/pkg/registry/authorization/rest"
	autoscalingrest "k8s.io/kubernetes/pkg/registry/autoscaling/rest"
	batchrest "k8s.io/kubernetes/pkg/registry/batch/rest"
	certificatesrest "k8s.io/kubernetes/pkg/registry/certificates/rest"
	coordinationrest "k8s.io/kubernetes/pkg/registry/coordination/rest"
	configmapstore "k8s.io/kubernetes/pkg/registry/core/configmap/storage"
	endpointsstore "k8s.io/kubernetes/pkg/registry/core/endpoint/storage"
	eventstore "k8s.io/kubernetes/pkg/registry/core/event/storage"
	limitrangestore "k8s.io/kubernetes/pkg/registry/core/limitrange/storage"
	namespacestore "k8s.io/kubernetes/pkg/registry/core/namespace/storage"
	nodestore "k8s.io/kubernetes/pkg/registry/core/node/storage"
	pvstore "k8s.io/kubernetes/pkg/registry/core/persistentvolume/storage"
	pvcstore "k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim/storage"
	podstore "k8s.io/kubernetes/pkg/registry/core/pod/storage"
	podtemplatestore "k8s.io/kubernetes/pkg/registry/core/podtemplate/storage"
	controllerstore "k8s.io/kubernetes/pkg/registry/core/replicationcontroller/storage"
	quotastore "k8s.io/kubernetes/pkg/registry/core/resourcequota/storage"
	secretstore "k8s.io/kubernetes/pkg/registry/core/secret/storage"
	"k8s.io/kubernetes/pkg/registry/core/service/ipallocator"
	"k8s.io/kubernetes/pkg/registry/core/service/portallocator"
	servicestore "k8s.io/kubernetes/pkg/registry/core/service/storage"
	serviceaccountstore "k8s.io/kubernetes/pkg/registry/core/serviceaccount/storage"
	discoveryrest "k8s.io/kubernetes/pkg/registry/discovery/rest"
	eventsrest "k8s.io/kubernetes/pkg/registry/events/rest"
	flowcontrolrest "k8s.io/kubernetes/pkg/registry/flowcontrol/rest"
	lifecyclerest "k8s.io/kubernetes/pkg/registry/lifecycle/rest"
	networkingrest "k8s.io/kubernetes/pkg/registry/networking/rest"
	noderest "k8s.io/kubernetes/pkg/registry/node/rest"
	policyrest "k8s.io/kubernetes/pkg/registry/policy/rest"
	rbacrest "k8s.io/kubernetes/pkg/registry/rbac/rest"
	resourcerest "k8s.io/kubernetes/pkg/registry/resource/rest"
	schedulingrest "k8s.io/kubernetes/pkg/registry/scheduling/rest"
	storagerest "k8s.io/kubernetes/pkg/registry/storage/rest"
	svmrest "k8s.io/kubernetes/pkg/registry/storagemigration/rest"
)

// Target is where a request goes: a resource, and the registry that an API server would hand the request to.
type Target struct {
	Kind        schema.GroupVersionKind
	Resource    schema.GroupVersionResource
	Registry    rest.Storage
	Namespaced  bool
	Creater     runtime.ObjectCreater            // of empty objects of any version
	Converter   runtime.ObjectConvertor          // between the versions of the kind
	Equivalents runtime.EquivalentResourceMapper // where else its objects are served
}

// resource is one kind in one served version.
type resource struct {
	Target
	scheme *runtime.Scheme
	codecs serializer.CodecFactory
	decoders
}

// groups are the registries of all API groups, by version and resource, as kube-apiserver builds them before it installs routes.
func groups(emulated *version.Version, served enabled) ([]genericapiserver.APIGroupInfo, error) {
	var all []genericapiserver.APIGroupInfo
	for _, provider := range providers() {
		group, err := provider.NewRESTStorage(served.kube, Registries())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", provider.GroupName(), err)
		}
		all = append(all, group)
	}
	core, err := coreGroup()
	if err != nil {
		return nil, err
	}
	others, err := serversOwnGroups()
	if err != nil {
		return nil, err
	}
	all = append(append(all, core), others...)
	lifecycle, err := genericapiserver.NewResourceExpirationEvaluator(emulated)
	if err != nil {
		return nil, err
	}
	for _, group := range all {
		name, source := group.PrioritizedVersions[0].Group, served.of(group)
		removeDisabled(group, source)
		if err := lifecycle.RemoveUnavailableKinds(name, group.Scheme, group.VersionedResourcesStorageMap, source); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// removeDisabled takes away what is not served. Providers leave it out themselves; what is built here one by one does not.
func removeDisabled(group genericapiserver.APIGroupInfo, source *serverstorage.ResourceConfig) {
	for version, stores := range group.VersionedResourcesStorageMap {
		for plural := range stores {
			name, _, _ := strings.Cut(plural, "/")
			resource := schema.GroupVersionResource{Group: group.PrioritizedVersions[0].Group, Version: version, Resource: name}
			if !source.ResourceEnabled(resource) {
				delete(stores, plural)
			}
		}
	}
}

// providers are those of k8s.io/kubernetes/pkg/controlplane's StorageProviders, the core group apart.
func providers() []controlplaneapiserver.RESTStorageProvider {
	allow := authorizerfactory.NewAlwaysAllowAuthorizer()
	return []controlplaneapiserver.RESTStorageProvider{
		apiserverinternalrest.StorageProvider{},
		authenticationrest.RESTStorageProvider{},
		authorizationrest.RESTStorageProvider{Authorizer: allow, RuleResolver: allow},
		autoscalingrest.RESTStorageProvider{},
		batchrest.RESTStorageProvider{},
		certificatesrest.RESTStorageProvider{Authorizer: allow},
		coordinationrest.RESTStorageProvider{},
		discoveryrest.StorageProvider{},
		lifecyclerest.RESTStorageProvider{},
		networkingrest.RESTStorageProvider{},
		noderest.RESTStorageProvider{},
		policyrest.RESTStorageProvider{},
		rbacrest.RESTStorageProvider{Authorizer: allow},
		schedulingrest.RESTStorageProvider{},
		storagerest.RESTStorageProvider{},
		svmrest.RESTStorageProvider{},
		flowcontrolrest.RESTStorageProvider{},
		appsrest.StorageProvider{},
		admissionregistrationrest.RESTStorageProvider{Authorizer: allow, DiscoveryClient: &discoveryfake.FakeDiscovery{Fake: &clienttesting.Fake{}}},
		eventsrest.RESTStorageProvider{TTL: time.Hour},
		resourcerest.RESTStorageProvider{NamespaceClient: knownNamespaces{}, Authorizer: allow},
	}
}

// coreGroup builds the registries of the core group one by one: its provider would also start controllers.
func coreGroup() (genericapiserver.APIGroupInfo, error) {
	group := genericapiserver.NewDefaultAPIGroupInfo(api.GroupName, legacyscheme.Scheme, legacyscheme.ParameterCodec, legacyscheme.Codecs)
	stores := map[string]rest.Storage{}
	group.VersionedResourcesStorageMap = map[string]map[string]rest.Storage{"v1": stores}
	options := Registries()
	allow := authorizerfactory.NewAlwaysAllowAuthorizer()
	var fault error
	keep := func(name string, store rest.Storage, err error) {
		if err != nil && fault == nil {
			fault = fmt.Errorf("%s: %w", name, err)
		}
		stores[name] = store
	}
	configMaps, err := configmapstore.NewREST(options)
	keep("configmaps", configMaps, err)
	endpoints, err := endpointsstore.NewREST(options)
	keep("endpoints", endpoints, err)
	events, err := eventstore.NewREST(options, uint64(time.Hour.Seconds()))
	keep("events", events, err)
	limits, err := limitrangestore.NewREST(options)
	keep("limitranges", limits, err)
	namespaces, _, _, err := namespacestore.NewREST(options)
	keep("namespaces", namespaces, err)
	volumes, _, err := pvstore.NewREST(options)
	keep("persistentvolumes", volumes, err)
	claims, _, err := pvcstore.NewREST(options)
	keep("persistentvolumeclaims", claims, err)
	templates, err := podtemplatestore.NewREST(options)
	keep("podtemplates", templates, err)
	quotas, _, err := quotastore.NewREST(options)
	keep("resourcequotas", quotas, err)
	secrets, err := secretstore.NewREST(options)
	keep("secrets", secrets, err)
	controllers, err := controllerstore.NewStorage(options)
	keep("replicationcontrollers", controllers.Controller, err)
	accounts, err := serviceaccountstore.NewREST(options, nil, nil, allow, 0, nil, nil, nil, nil, nil, false, 0)
	keep("serviceaccounts", accounts, err)
	nodes, err := nodestore.NewStorage(options, kubeletclient.KubeletClientConfig{}, nil)
	if err == nil {
		keep("nodes", nodes.Node, nil)
	}
	pods, podErr := podstore.NewStorage(options, nil, nil, nil, allow)
	keep("pods", pods.Pod, podErr)
	services, err := services(pods)
	keep("services", services, err)
	return group, fault
}

// services allocates nothing: a cluster IP is as good as it is well formed, since the cluster's range is not known here; a node port must lie in
// the default range. Which families the cluster has is not known either, so it has both, IPv4 first: what one of a single family takes, it takes too.
func services(pods podstore.PodStorage) (rest.Storage, error) {
	ports, err := portallocator.NewInMemory(utilnet.PortRange{Base: 30000, Size: 2768})
	if err != nil {
		return nil, err
	}
	addresses := map[api.IPFamily]ipallocator.Interface{}
	for _, family := range []api.IPFamily{api.IPv4Protocol, api.IPv6Protocol} {
		addresses[family] = anyAddress{family: family}
	}
	store, _, _, err := servicestore.NewREST(Registries(), api.IPv4Protocol, addresses, ports, nil, pods.Pod, nil)
	return store, err
}

// anyAddress gives out every address of a family.
type anyAddress struct{ family api.IPFamily }

func (anyAddress) Allocate(net.IP) error           { return nil }
func (anyAddress) Release(net.IP) error            { return nil }
func (anyAddress) ForEach(func(net.IP))            {}
func (anyAddress) Has(net.IP) bool                 { return false }
func (anyAddress) Destroy()                        {}
func (anyAddress) EnableMetrics()                  {}
func (a anyAddress) IPFamily() api.IPFamily        { return a.family }
func (a anyAddress) DryRun() ipallocator.Interface { return a }

func (a anyAddress) AllocateNext() (net.IP, error) {
	if a.family == api.IPv6Protocol {
		return net.ParseIP("fd00::1"), nil
	}
	return net.IPv4(10, 96, 0, 10), nil
}

func (a anyAddress) CIDR() net.IPNet {
	if a.family == api.IPv6Protocol {
		return net.IPNet{IP: net.ParseIP("fd00::"), Mask: net.CIDRMask(8, 128)}
	}
	return net.IPNet{IP: net.IPv4(10, 0, 0, 0), Mask: net.CIDRMask(8, 32)}
}

// serversOwnGroups are those of the two other servers inside kube-apiserver: definitions of custom kinds, and aggregation.
func serversOwnGroups() ([]genericapiserver.APIGroupInfo, error) {
	definitions := genericapiserver.NewDefaultAPIGroupInfo(apiextensionsinternal.GroupName, apiextensionsserver.Scheme, metav1.ParameterCodec, apiextensionsserver.Codecs)
	store, err := customresourcedefinition.NewREST(apiextensionsserver.Scheme, Registries())
	if err != nil {
		return nil, err
	}
	definitions.VersionedResourcesStorageMap[apiextensionsv1.SchemeGroupVersion.Version] = map[string]rest.Storage{"customresourcedefinitions": store}
	aggregation := genericapiserver.NewDefaultAPIGroupInfo(apiregistration.GroupName, aggregatorscheme.Scheme, metav1.ParameterCodec, aggregatorscheme.Codecs)
	aggregation.VersionedResourcesStorageMap[apiregistrationv1.SchemeGroupVersion.Version] = map[string]rest.Storage{"apiservices": apiserviceetcd.NewREST(aggregatorscheme.Scheme, Registries())}
	return []genericapiserver.APIGroupInfo{definitions, aggregation}, nil
}

// creatable lists every kind that can be created, in every version that is served.
func creatable(groups []genericapiserver.APIGroupInfo) map[schema.GroupVersionKind]*resource {
	all, equivalents := map[schema.GroupVersionKind]*resource{}, runtime.NewEquivalentResourceRegistryWithIdentity(storedWith)
	for _, group := range groups {
		for name, stores := range group.VersionedResourcesStorageMap {
			version := schema.GroupVersion{Group: group.PrioritizedVersions[0].Group, Version: name}
			for plural, store := range stores {
				if found := describe(group.Scheme, version, plural, store); found != nil {
					found.codecs = codecs(group.Scheme)
					found.makeDecoders()
					found.Equivalents = equivalents
					equivalents.RegisterKindFor(found.Resource, "", found.Kind)
					all[found.Kind] = found
				}
			}
		}
	}
	return all
}

// storedWith is where the objects of a resource are stored: resources that share it are the same under other names.
func storedWith(resource schema.GroupResource) string {
	if resource.Resource == "events" {
		return "events" // of both groups
	}
	return resource.String()
}

func describe(scheme *runtime.Scheme, version schema.GroupVersion, plural string, store rest.Storage) *resource {
	_, creates := store.(rest.Creater)
	scoper, scoped := store.(rest.Scoper)
	if strings.Contains(plural, "/") || !creates || !scoped {
		return nil
	}
	kinds, _, err := scheme.ObjectKinds(store.New())
	if err != nil {
		return nil
	}
	for _, kind := range kinds {
		if kind.Group == version.Group && scheme.Recognizes(version.WithKind(kind.Kind)) {
			target := Target{Kind: version.WithKind(kind.Kind), Resource: version.WithResource(plural), Registry: Bound(store), Namespaced: scoper.NamespaceScoped(), Creater: scheme, Converter: scheme}
			return &resource{Target: target, scheme: scheme}
		}
	}
	return nil
}

func codecs(scheme *runtime.Scheme) serializer.CodecFactory {
	switch scheme {
	case apiextensionsserver.Scheme:
		return apiextensionsserver.Codecs
	case aggregatorscheme.Scheme:
		return aggregatorscheme.Codecs
	}
	return legacyscheme.Codecs
}
