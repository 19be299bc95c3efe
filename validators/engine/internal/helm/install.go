package helm

import (
	"fmt"
	"io"
	"log/slog"

	v2 "github.com/fluxcd/helm-controller/api/v2"
	"helm.sh/helm/v4/pkg/action"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	kubefake "helm.sh/helm/v4/pkg/kube/fake"
	helm "helm.sh/helm/v4/pkg/release/v1"

	"gitops-validate/engine/internal/helm/steady"
)

// install runs Helm's install up to the point where it would talk to the cluster, and turns what it would apply into objects.
func (r *rendering) install(chrt *chart.Chart, values map[string]any, release *v2.HelmRelease, digest string, answer *result) error {
	crds, err := r.crds(chrt, values, release)
	if err != nil {
		return err
	}
	configuration := action.NewConfiguration(action.ConfigurationSetLogger(slog.DiscardHandler))
	if configuration.Capabilities, err = r.capabilities(crds); err != nil {
		return err
	}
	if err := suits(chrt, configuration.Capabilities); err != nil {
		return err
	}
	configuration.KubeClient = &kubefake.PrintingKubeClient{Out: io.Discard, LogOutput: io.Discard}
	configuration.CustomTemplateFuncs = steady.Functions(digest + "/" + release.Namespace + "/" + release.Name)
	manifests, err := r.dryRun(r.prepared(configuration, release), chrt, values)
	if err != nil {
		return rendered(err)
	}
	return r.collect(crds, manifests, release, answer)
}

// prepared sets Helm up as helm-controller does. The dry run is one "against a server", which takes the capabilities as they are given;
// without a REST client neither lookup nor anything else finds that server. Schemas were checked before.
func (r *rendering) prepared(configuration *action.Configuration, release *v2.HelmRelease) *action.Install {
	install := action.NewInstall(configuration)
	install.DryRunStrategy = action.DryRunServer
	install.ReleaseName = shorten(release.GetReleaseName())
	install.Namespace = release.GetReleaseNamespace()
	install.SkipCRDs = true
	install.SkipSchemaValidation = true
	install.Devel = true
	install.PostRenderStrategy = action.PostRenderStrategyCombined
	if strategy := release.GetPostRenderStrategy(); strategy != "" {
		install.PostRenderStrategy = action.PostRenderStrategy(strategy)
	}
	if r.args.PostRender == nil || *r.args.PostRender {
		install.PostRenderer = newPostRenderer(release)
	}
	return install
}

// dryRun turns a panic in Helm or kustomize, which hostile manifests have caused, into an error.
func (r *rendering) dryRun(install *action.Install, chrt *chart.Chart, values map[string]any) (release *helm.Release, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			release, err = nil, fmt.Errorf("the chart cannot be rendered: %v", panicked)
		}
	}()
	given, _ := copyValue(values).(map[string]any)
	released, err := install.RunWithContext(r.ctx, chrt, given)
	if err != nil {
		return nil, err
	}
	one, ok := released.(*helm.Release)
	if !ok {
		return nil, fmt.Errorf("Helm made a %T of the chart", released)
	}
	return one, nil
}
