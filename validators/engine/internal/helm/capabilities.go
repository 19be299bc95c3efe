package helm

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"k8s.io/apimachinery/pkg/util/version"

	"gitops-validate/engine/internal/kinds"
	"gitops-validate/engine/internal/validate/server"
)

// subresources are kinds that discovery names although no client lists them.
var subresources = common.VersionSet{
	"apps/v1/Scale", "v1/Binding", "v1/Eviction", "v1/NodeProxyOptions", "v1/PodAttachOptions", "v1/PodExecOptions", "v1/PodPortForwardOptions",
	"v1/PodProxyOptions", "v1/Scale", "v1/ServiceProxyOptions", "v1/TokenRequest",
}

// served lists what a server of a version answers to discovery with its defaults: stable versions, by group and version and with kind.
func served(emulated *version.Version) common.VersionSet {
	at := [2]int{int(emulated.Major()), int(emulated.Minor())}
	set := slices.Clone(subresources)
	for kind, known := range kinds.BuiltIns() {
		beta := strings.Contains(kind.Version, "alpha") || strings.Contains(kind.Version, "beta")
		gone := known.Removed != [2]int{} && slices.Compare(at[:], known.Removed[:]) >= 0
		if beta || gone || slices.Compare(at[:], known.Introduced[:]) < 0 {
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
