package helm

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	v2 "github.com/fluxcd/helm-controller/api/v2"
	"sigs.k8s.io/kustomize/api/builtins"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// fileAnnotation is where Helm keeps the name of the template that an object comes from, for as long as its post-renderers run.
const fileAnnotation = "postrenderer.helm.sh/postrender-filename"

// postRenderer is what helm-controller puts between Helm's templates and the cluster: the release's own kustomizations in order, then
// its common metadata, then the labels by which an object names its HelmRelease.
type postRenderer struct {
	kustomizations []v2.Kustomize
	common         *v2.CommonMetadata
	origin         map[string]string
}

func newPostRenderer(release *v2.HelmRelease) *postRenderer {
	renderer := &postRenderer{common: release.Spec.CommonMetadata, origin: originLabels(release)}
	for _, one := range release.Spec.PostRenderers {
		if one.Kustomize != nil {
			renderer.kustomizations = append(renderer.kustomizations, *one.Kustomize)
		}
	}
	return renderer
}

func originLabels(release *v2.HelmRelease) map[string]string {
	group := v2.GroupVersion.Group
	return map[string]string{group + "/name": release.Name, group + "/namespace": release.Namespace}
}

// Run is called by Helm with all manifests of a chart. What was rendered before, as where only API versions differ that no template asked for, is
// known.
func (p *postRenderer) Run(manifests *bytes.Buffer) (*bytes.Buffer, error) {
	content, err := postRendered.get(p.key(manifests.Bytes()), func() ([]byte, error) { return p.render(manifests.Bytes()) })
	return bytes.NewBuffer(slices.Clip(content)), err
}

// key identifies what goes in: the manifests, and all that is done with them.
func (p *postRenderer) key(manifests []byte) [sha256.Size]byte {
	done, err := json.Marshal([]any{p.kustomizations, p.common, p.origin})
	if err != nil {
		panic(err) // they have been read from JSON
	}
	sum := sha256.New()
	_, _ = fmt.Fprintf(sum, "%d ", len(done))
	_, _ = sum.Write(append(done, manifests...))
	return [sha256.Size]byte(sum.Sum(nil))
}

func (p *postRenderer) render(content []byte) ([]byte, error) {
	if err := expandable(content); err != nil {
		return nil, err
	}
	for i, kustomization := range p.kustomizations {
		objects, err := kustomize(content, kustomization)
		if err == nil {
			content, err = objects.AsYaml()
		}
		if err != nil {
			return nil, fmt.Errorf("postRenderers[%d]: %w", i, err)
		}
	}
	factory := provider.NewDefaultDepProvider().GetResourceFactory()
	objects, err := resmap.NewFactory(factory).NewResMapFromBytes(content)
	if err != nil {
		return nil, second(factory, content, err)
	}
	for _, transformer := range p.transformers() {
		if err := transformer.Transform(objects); err != nil {
			return nil, err
		}
	}
	return objects.AsYaml()
}

// second adds to an error about an object that is there already which template brings it again, as kustomize prints objects.
func second(factory *resource.Factory, content []byte, err error) error {
	_, id, again := strings.Cut(err.Error(), "already registered id: ")
	all, readErr := factory.SliceFromBytes(content)
	if !again || readErr != nil {
		return err
	}
	for _, one := range slices.Backward(all) {
		if one.CurId().String() == id {
			return fmt.Errorf("%w (%s:%s)", err, fileAnnotation, one.GetAnnotations()[fileAnnotation])
		}
	}
	return err
}

func (p *postRenderer) transformers() (all []resmap.Transformer) {
	labels := []types.FieldSpec{{Path: "metadata/labels", CreateIfNotPresent: true}}
	annotations := []types.FieldSpec{{Path: "metadata/annotations", CreateIfNotPresent: true}}
	if p.common != nil && p.common.Labels != nil {
		all = append(all, &builtins.LabelTransformerPlugin{Labels: p.common.Labels, FieldSpecs: labels})
	}
	if p.common != nil && p.common.Annotations != nil {
		all = append(all, &builtins.AnnotationsTransformerPlugin{Annotations: p.common.Annotations, FieldSpecs: annotations})
	}
	return append(all, &builtins.LabelTransformerPlugin{Labels: p.origin, FieldSpecs: labels})
}

// kustomize patches manifests in memory, where there is no other file, no plugin and no network to reach.
func kustomize(manifests []byte, spec v2.Kustomize) (resmap.ResMap, error) {
	kustomization := types.Kustomization{Resources: []string{"manifests.yaml"}}
	kustomization.APIVersion, kustomization.Kind = types.KustomizationVersion, types.KustomizationKind
	for _, image := range spec.Images {
		kustomization.Images = append(kustomization.Images, types.Image{Name: image.Name, NewName: image.NewName, NewTag: image.NewTag, Digest: image.Digest})
	}
	for _, patch := range spec.Patches {
		if err := expandable([]byte(patch.Patch)); err != nil {
			return nil, err
		}
		one := types.Patch{Patch: patch.Patch}
		if target := patch.Target; target != nil {
			one.Target = &types.Selector{LabelSelector: target.LabelSelector, AnnotationSelector: target.AnnotationSelector}
			one.Target.Group, one.Target.Version, one.Target.Kind = target.Group, target.Version, target.Kind
			one.Target.Name, one.Target.Namespace = target.Name, target.Namespace
		}
		kustomization.Patches = append(kustomization.Patches, one)
	}
	content, err := json.Marshal(kustomization)
	if err != nil {
		return nil, err
	}
	files := filesys.MakeFsInMemory()
	if err := files.WriteFile("manifests.yaml", manifests); err != nil {
		return nil, err
	}
	if err := files.WriteFile("kustomization.yaml", content); err != nil {
		return nil, err
	}
	options := &krusty.Options{LoadRestrictions: types.LoadRestrictionsRootOnly, PluginConfig: types.DisabledPluginConfig()}
	return krusty.MakeKustomizer(options).Run(files, ".")
}
