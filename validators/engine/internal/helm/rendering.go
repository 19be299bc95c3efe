package helm

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/Masterminds/semver/v3"
	v2 "github.com/fluxcd/helm-controller/api/v2"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"

	"gitops-validate/engine/internal/helm/asking"
	"gitops-validate/engine/internal/helm/unread"
	"gitops-validate/engine/internal/jail"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// rendering is one request on its way to a result.
type rendering struct {
	ctx     context.Context
	config  *worker.Config
	args    arguments
	blobs   [][]byte
	files   *jail.FS // nil when the request names no checkout
	folder  string   // of the chart in the checkout; empty for an archive
	secrets []string // texts that no message may show

	added    []string        // digests of dependencies that lie elsewhere in the checkout
	replaced bool            // whether valuesFiles stand in for values.yaml
	asking   map[string]bool // the templates that ask the cluster
	bodies   wire.Blobs
}

func (r *rendering) run(answer *result) error {
	release, err := r.release()
	if err != nil {
		return err
	}
	answer.Release = target(release)
	loaded, err := r.load()
	if err != nil {
		return err
	}
	answer.Chart.Digest = loaded.digest
	chrt := copyChart(loaded.chart)
	remote, err := r.prepare(chrt, release, answer)
	if err != nil {
		return err
	}
	values, err := r.values(release)
	if err != nil {
		return err
	}
	if err := r.wantDependencies(chrt, remote, values); err != nil {
		return err
	}
	r.asking = asking.Templates(chrt)
	reads := r.reads(loaded, chrt)
	answer.UsesAPIVersions = reads.APIVersions || unread.MentionsAPIVersions(values)
	answer.UnusedValues = reads.Unread(values)
	if err := r.validate(chrt, values, release, answer); err != nil {
		return err
	}
	return r.install(chrt, values, release, loaded.digest, answer)
}

// reads tells what the chart reads, with what prepare added to it. The chart's own defaults still name keys when others replace them.
func (r *rendering) reads(loaded *loadedChart, chrt *chart.Chart) *unread.Reads {
	if len(r.added) == 0 && !r.replaced {
		return loaded.reads()
	}
	whole := *chrt
	whole.Values = loader.MergeMaps(loaded.chart.Values, chrt.Values)
	if r.replaced {
		return unread.Walk(&whole)
	}
	return walks.get(strings.Join(append(r.added, loaded.digest), " "), &whole)
}

// prepare does what source-controller does to a chart before it hands it over, but for the dependencies that it returns.
func (r *rendering) prepare(chrt *chart.Chart, release *v2.HelmRelease, answer *result) (remote []*chart.Dependency, err error) {
	if r.folder != "" {
		if remote, err = r.completeDependencies(chrt); err != nil {
			return nil, err
		}
	}
	if answer.ValuesFiles, err = r.replaceDefaults(chrt, release); err != nil {
		return nil, err
	}
	if r.args.Chart.Version != "" {
		chrt.Metadata.Version = r.args.Chart.Version
	}
	if release.Spec.Chart != nil && len(release.Spec.Chart.Spec.ValuesFiles) > 0 {
		chrt.Metadata.Version = generated(chrt.Metadata.Version, r.args.Chart.Version != "")
	}
	answer.Chart.Name, answer.Chart.Version = chrt.Metadata.Name, chrt.Metadata.Version
	return remote, nil
}

// generated marks a version as source-controller does when valuesFiles made a new chart: with the generation of the HelmChart object, which
// starts at one. It joins the revision that an overriding version brings, and replaces what the chart itself wrote there.
func generated(version string, overridden bool) string {
	parsed, err := semver.NewVersion(version)
	if err != nil {
		return version
	}
	generation := "1"
	if overridden && parsed.Metadata() != "" {
		generation = parsed.Metadata() + ".1"
	}
	if marked, err := parsed.SetMetadata(generation); err == nil {
		return marked.String()
	}
	return version
}

// crds returns the definitions that the release installs from crds/, and settles the dependencies first, as helm-controller does.
func (r *rendering) crds(chrt *chart.Chart, values map[string]any, release *v2.HelmRelease) ([]chart.CRD, error) {
	switch policy := release.GetInstall().CRDs; policy {
	case v2.Skip:
		return nil, nil
	case "", v2.Create, v2.CreateReplace:
	default:
		return nil, because("release-invalid", "/spec/install/crds", fmt.Errorf("invalid CRD policy %q", policy))
	}
	if len(chrt.CRDObjects()) == 0 {
		return nil, nil
	}
	if err := chartutil.ProcessDependencies(chrt, values); err != nil {
		return nil, because("chart-load", "", err)
	}
	return chrt.CRDObjects(), nil
}

// walks keeps what charts with dependencies from elsewhere read.
var walks = &walkShelf{}

type walkShelf struct {
	mutex sync.Mutex
	kept  map[string]*unread.Reads
}

func (s *walkShelf) get(key string, chrt *chart.Chart) *unread.Reads {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if known, found := s.kept[key]; found {
		return known
	}
	if s.kept == nil || len(s.kept) >= shelved {
		s.kept = map[string]*unread.Reads{}
	}
	s.kept[key] = unread.Walk(chrt)
	return s.kept[key]
}
