package helm

import (
	"context"
	"fmt"

	v2 "github.com/fluxcd/helm-controller/api/v2"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"

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
	bodies  wire.Blobs
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
	if err := r.prepare(chrt, release, answer); err != nil {
		return err
	}
	values, err := r.values(release)
	if err != nil {
		return err
	}
	answer.UsesAPIVersions = loaded.reads().APIVersions || unread.MentionsAPIVersions(values)
	answer.UnusedValues = loaded.reads().Unread(values)
	if err := r.validate(chrt, values, release, answer); err != nil {
		return err
	}
	return r.install(chrt, values, release, loaded.digest, answer)
}

// prepare does what source-controller does to a chart before it hands it over.
func (r *rendering) prepare(chrt *chart.Chart, release *v2.HelmRelease, answer *result) (err error) {
	if r.folder != "" {
		if err := r.completeDependencies(chrt); err != nil {
			return err
		}
	}
	if answer.ValuesFiles, err = r.replaceDefaults(chrt, release); err != nil {
		return err
	}
	if r.args.Chart.Version != "" {
		chrt.Metadata.Version = r.args.Chart.Version
	}
	answer.Chart.Name, answer.Chart.Version = chrt.Metadata.Name, chrt.Metadata.Version
	return nil
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
