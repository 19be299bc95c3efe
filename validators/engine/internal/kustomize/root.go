package kustomize

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	flux "github.com/fluxcd/pkg/apis/kustomize"
	generator "github.com/fluxcd/pkg/kustomize"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/fault"
)

// spec is the part of a Flux Kustomization that changes the root kustomization.
type spec struct {
	TargetNamespace         string        `json:"targetNamespace"`
	NamePrefix              string        `json:"namePrefix"`
	NameSuffix              string        `json:"nameSuffix"`
	Patches                 []flux.Patch  `json:"patches"`
	Images                  []flux.Image  `json:"images"`
	Components              []string      `json:"components"`
	IgnoreMissingComponents bool          `json:"ignoreMissingComponents"`
	BuildMetadata           []string      `json:"buildMetadata"`
	CommonMetadata          *commonFields `json:"commonMetadata"`
}

type commonFields struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

func (b *build) spec() (spec, error) {
	var read struct {
		Spec spec `json:"spec"`
	}
	body, err := json.Marshal(b.args.Kustomization)
	if err != nil {
		return read.Spec, err
	}
	return read.Spec, json.Unmarshal(body, &read)
}

// writeRoot puts the root kustomization in memory: the one in the folder or a generated one, with the Flux Kustomization's fields added as
// fluxcd/pkg/kustomize's Generator adds them, and with annotations that say where objects come from.
func (b *build) writeRoot() *fault.Failure {
	file := b.kustomizationFile(b.args.Path)
	var root types.Kustomization
	var err error
	if file != "" {
		root, err = b.read(file)
	} else {
		file = path.Join(b.args.Path, konfig.DefaultKustomizationFileName())
		root, err = b.generate()
	}
	if err != nil {
		return b.failureIn(file, err)
	}
	wanted, err := b.spec()
	if err != nil {
		return &fault.Failure{Reason: "kustomize-build", Message: "the Kustomization's spec: " + err.Error()}
	}
	if failure := b.add(&root, wanted); failure != nil {
		return failure
	}
	b.kept = root.BuildMetadata
	root.BuildMetadata = append(slices.Clone(root.BuildMetadata), types.OriginAnnotations, types.TransformerAnnotations)
	body, err := yaml.Marshal(root)
	if err != nil {
		return b.failureIn(file, err)
	}
	b.files.replaced[file] = body
	return nil
}

// kustomizationFile is the kustomization of a folder, "" if there is none.
func (b *build) kustomizationFile(folder string) string {
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		if file := path.Join(folder, name); b.files.Exists(file) && !b.files.IsDir(file) {
			return file
		}
	}
	return ""
}

func (b *build) read(file string) (types.Kustomization, error) {
	root := types.Kustomization{TypeMeta: types.TypeMeta{APIVersion: types.KustomizationVersion, Kind: types.KustomizationKind}}
	body, err := b.files.ReadFile(file)
	if err != nil {
		return root, err
	}
	return root, yaml.Unmarshal(body, &root)
}

// generate lists every manifest below the path, as the Generator does for a folder without a kustomization: folders that have one are taken
// whole, and a file that is no Kubernetes YAML is an error.
func (b *build) generate() (types.Kustomization, error) {
	root := types.Kustomization{TypeMeta: types.TypeMeta{APIVersion: types.KustomizationVersion, Kind: types.KustomizationKind}}
	base := b.files.abs(b.args.Path)
	decoder := provider.NewDefaultDepProvider().GetResourceFactory()
	err := b.files.Walk(base, func(name string, info fs.FileInfo, err error) error {
		if err != nil || name == base {
			return err
		}
		clean, err := b.files.root.Clean(name)
		if err != nil {
			return err
		}
		if info.IsDir() {
			if b.kustomizationFile(clean) == "" {
				return nil
			}
			root.Resources = append(root.Resources, relative(base, name))
			return filepath.SkipDir
		}
		if extension := path.Ext(clean); extension != ".yaml" && extension != ".yml" {
			return nil
		}
		body, err := b.files.ReadFile(clean)
		if err != nil {
			return err
		}
		if err := decodes(decoder, body); err != nil {
			return &inFile{clean, fmt.Errorf("failed to decode Kubernetes YAML: %w", err)}
		}
		root.Resources = append(root.Resources, relative(base, name))
		return nil
	})
	if len(root.Resources) == 0 {
		root.Namespace = "_placeholder" // what the Generator does against "kustomization.yaml is empty"
	}
	return root, err
}

// inFile is an error that is about one file.
type inFile struct {
	path string
	err  error
}

func (e *inFile) Error() string { return e.err.Error() }
func (e *inFile) Unwrap() error { return e.err }

func relative(base, name string) string { return "." + strings.TrimPrefix(name, base) }

// add merges the fields of a Flux Kustomization into the root.
func (b *build) add(root *types.Kustomization, wanted spec) *fault.Failure {
	if wanted.TargetNamespace != "" {
		root.Namespace = wanted.TargetNamespace
	}
	if wanted.NamePrefix != "" {
		root.NamePrefix = wanted.NamePrefix
	}
	if wanted.NameSuffix != "" {
		root.NameSuffix = wanted.NameSuffix
	}
	for _, patch := range wanted.Patches {
		root.Patches = append(root.Patches, types.Patch{Patch: patch.Patch, Target: selector(patch.Target)})
	}
	for _, image := range wanted.Images {
		root.Images = withImage(root.Images, image)
	}
	for _, component := range wanted.Components {
		if !generator.IsLocalRelativePath(component) {
			return &fault.Failure{Reason: "remote-reference", Message: fmt.Sprintf("component path %q must be local and relative", component), Field: component}
		}
		if wanted.IgnoreMissingComponents && !b.files.Exists(path.Join(b.args.Path, component)) {
			continue
		}
		root.Components = append(root.Components, component)
	}
	if len(wanted.BuildMetadata) > 0 {
		root.BuildMetadata = wanted.BuildMetadata
	}
	return nil
}

func selector(from *flux.Selector) *types.Selector {
	if from == nil {
		return nil
	}
	to := &types.Selector{LabelSelector: from.LabelSelector, AnnotationSelector: from.AnnotationSelector}
	to.Group, to.Version, to.Kind, to.Name, to.Namespace = from.Group, from.Version, from.Kind, from.Name, from.Namespace
	return to
}

// withImage merges one image override: a new name on its own keeps the version, a tag or a digest replaces both.
func withImage(images []types.Image, image flux.Image) []types.Image {
	at := slices.IndexFunc(images, func(known types.Image) bool { return known.Name == image.Name })
	if at < 0 {
		return append(images, types.Image{Name: image.Name, NewName: image.NewName, NewTag: image.NewTag, Digest: image.Digest})
	}
	if image.NewName != "" {
		images[at].NewName = image.NewName
	}
	if image.NewTag != "" || image.Digest != "" {
		images[at].NewTag, images[at].Digest = image.NewTag, image.Digest
	}
	return images
}

var errPanic = errors.New("kustomize panicked on this input")

// decodes reports why a file is no Kubernetes YAML to kustomize, whose parser panics on some.
func decodes(decoder *resource.Factory, body []byte) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	_, err = decoder.SliceFromBytes(body)
	return err
}
