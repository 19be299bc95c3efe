package helm

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"

	"gitops-validate/engine/internal/validate/server"
)

// builtIn is what is known of one of Kubernetes' own kinds.
type builtIn struct {
	namespaced bool
	introduced [2]int // major and minor version; zero if before such notes were taken
	removed    [2]int
}

// builtIns reads Kubernetes' kinds from its typed client: a method that wants a namespace serves a namespaced kind.
var builtIns = sync.OnceValue(func() map[schema.GroupVersionKind]builtIn {
	kinds := map[schema.GroupVersionKind]builtIn{
		apiextensions.SchemeGroupVersion.WithKind("CustomResourceDefinition"): {},
		{Group: "apiregistration.k8s.io", Version: "v1", Kind: "APIService"}:  {},
	}
	client := reflect.TypeFor[kubernetes.Interface]()
	for group := range client.NumMethod() {
		typed := client.Method(group).Type
		if typed.NumOut() != 1 || typed.Out(0).Kind() != reflect.Interface {
			continue
		}
		for one := range typed.Out(0).NumMethod() {
			getter := typed.Out(0).Method(one).Type
			for _, kind := range kindsOf(getter) {
				kinds[kind.GroupVersionKind] = builtIn{getter.NumIn() == 1, kind.introduced, kind.removed}
			}
		}
	}
	return kinds
})

type lifecycle struct {
	schema.GroupVersionKind
	introduced, removed [2]int
}

// kindsOf reads a kind, and since when there is one, from what its client's Create or Get returns.
func kindsOf(getter reflect.Type) (kinds []lifecycle) {
	if getter.NumOut() != 1 || getter.Out(0).Kind() != reflect.Interface {
		return nil
	}
	for _, name := range []string{"Get", "Create"} {
		method, found := getter.Out(0).MethodByName(name)
		if !found || method.Type.NumOut() != 2 || method.Type.Out(0).Kind() != reflect.Pointer {
			continue
		}
		object := reflect.New(method.Type.Out(0).Elem()).Interface()
		for gvk, known := range scheme.Scheme.AllKnownTypes() {
			if known == method.Type.Out(0).Elem() {
				kinds = append(kinds, lifecycle{gvk, introduced(object), removed(object)})
			}
		}
		return kinds
	}
	return nil
}

func introduced(object any) (at [2]int) {
	if noted, ok := object.(interface{ APILifecycleIntroduced() (int, int) }); ok {
		at[0], at[1] = noted.APILifecycleIntroduced()
	}
	return at
}

func removed(object any) (at [2]int) {
	if noted, ok := object.(interface{ APILifecycleRemoved() (int, int) }); ok {
		at[0], at[1] = noted.APILifecycleRemoved()
	}
	return at
}

// subresources are kinds that discovery names although no client lists them.
var subresources = common.VersionSet{
	"apps/v1/Scale", "v1/Binding", "v1/Eviction", "v1/NodeProxyOptions", "v1/PodAttachOptions", "v1/PodExecOptions", "v1/PodPortForwardOptions",
	"v1/PodProxyOptions", "v1/Scale", "v1/ServiceProxyOptions", "v1/TokenRequest",
}

// served lists what a server of a version answers to discovery with its defaults: stable versions, by group and version and with kind.
func served(emulated *version.Version) common.VersionSet {
	at := [2]int{int(emulated.Major()), int(emulated.Minor())}
	set := slices.Clone(subresources)
	for kind, known := range builtIns() {
		beta := strings.Contains(kind.Version, "alpha") || strings.Contains(kind.Version, "beta")
		gone := known.removed != [2]int{} && slices.Compare(at[:], known.removed[:]) >= 0
		if beta || gone || slices.Compare(at[:], known.introduced[:]) < 0 {
			continue
		}
		set = append(set, kind.GroupVersion().String(), kind.GroupVersion().String()+"/"+kind.Kind)
	}
	return set
}

var knownSets sync.Map // of discovered, by API server

// discovered lists what the server answers to discovery. A server with flags of its own is built for that, which takes longer.
func (r *rendering) discovered(emulated *version.Version) (common.VersionSet, error) {
	if known, found := knownSets.Load(r.config.APIServer); found {
		return known.(common.VersionSet), nil
	}
	set := served(emulated)
	if r.config.Changed() {
		judges, err := server.Start(r.config.APIServer)
		if err != nil {
			return nil, err
		}
		set = switched(set, judges)
	}
	knownSets.Store(r.config.APIServer, set)
	return set, nil
}

// switched is what a server answers that serves other APIs than by default. The core group is always there, and not all of it is built there.
func switched(usual common.VersionSet, judges *server.Server) common.VersionSet {
	set := slices.DeleteFunc(slices.Clone(usual), func(name string) bool { return name != "v1" && !strings.HasPrefix(name, "v1/") })
	for _, kind := range judges.Kinds() {
		set = append(set, kind.GroupVersion().String(), kind.GroupVersion().String()+"/"+kind.Kind)
	}
	return set
}

// capabilities is what templates see of the cluster. As in a cluster, the chart's own crds/ are there already.
func (r *rendering) capabilities(crds []chart.CRD) (*common.Capabilities, error) {
	emulated, err := common.ParseKubeVersion(strings.TrimPrefix(r.config.KubeVersion, "v"))
	if err != nil {
		return nil, err
	}
	parsed := version.MustParseGeneric(emulated.Version)
	if strings.Count(emulated.Version, ".") == 1 { // "1.36" means v1.36.0
		emulated, _ = common.ParseKubeVersion(emulated.Version + ".0")
	}
	known, err := r.discovered(parsed)
	if err != nil {
		return nil, err
	}
	set := append(slices.Clone(known), r.args.APIVersions...)
	set = append(set, definedVersions(crds)...)
	slices.Sort(set)
	capabilities := common.DefaultCapabilities.Copy()
	capabilities.KubeVersion, capabilities.APIVersions = *emulated, slices.Compact(set)
	return capabilities, nil
}

// suits checks the kubeVersion of Chart.yaml.
func suits(chrt *chart.Chart, capabilities *common.Capabilities) error {
	wanted, has := chrt.Metadata.KubeVersion, capabilities.KubeVersion
	if wanted == "" || chartutil.IsCompatibleRange(wanted, has.String()) {
		return nil
	}
	return because("kube-version", wanted, fmt.Errorf("chart requires kubeVersion: %s which is incompatible with Kubernetes %s", wanted, has.Version))
}
