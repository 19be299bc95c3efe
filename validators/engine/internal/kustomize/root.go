package kustomize

import (
	"errors"
	"path"
	"reflect"
	"slices"
	"strings"

	generator "github.com/fluxcd/pkg/kustomize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/fault"
)

// root is the root kustomization as Flux's Generator makes it: the one in the folder, or one that lists every manifest below it, with the Flux
// Kustomization's fields added.
type root struct {
	file string // where it lies, or would lie
	body []byte
	kept []string // buildMetadata that is asked for
}

// writeRoot puts the root kustomization in memory.
func (b *build) writeRoot() *fault.Failure {
	made, err := newGenerator(b.files, b.flux)
	if err != nil {
		return b.failure(err)
	}
	body, file, _, err := made.GenerateManifest(b.files.abs(b.args.Path))
	if err != nil {
		return b.rootFailure(err)
	}
	var asked struct {
		BuildMetadata []string `json:"buildMetadata"`
	}
	if err := yaml.Unmarshal(body, &asked); err != nil {
		return b.rootFailure(err)
	}
	if file, err = b.files.root.Clean(file); err != nil {
		return b.rootFailure(err)
	}
	if written, err := b.files.ReadFile(file); err == nil {
		b.dropped = dropped(file, written)
	}
	b.root = root{file, body, asked.BuildMetadata}
	b.files.replaced[file] = body
	b.files.annotated = b.files.annotated || mentionsAnnotations(body)
	return nil
}

// rootFailure tells a component that is fetched from what is wrong with a file.
func (b *build) rootFailure(err error) *fault.Failure {
	failure := b.failure(err)
	if strings.Contains(err.Error(), "must be local and relative") {
		failure.Reason, failure.Path = "remote-reference", ""
	}
	return failure
}

// newGenerator is Flux's Generator over our file system. It has a field for one and no way to set it; the field is looked up by name, and a
// version of the library without it stops the operation, so that it never reads the disk itself.
func newGenerator(files filesys.FileSystem, object unstructured.Unstructured) (*generator.Generator, error) {
	made := generator.NewGenerator("", object)
	field := reflect.ValueOf(made).Elem().FieldByName("fs")
	if !field.IsValid() || !reflect.TypeOf(files).AssignableTo(field.Type()) {
		return nil, errors.New("this version of fluxcd/pkg/kustomize takes no file system")
	}
	reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Elem().Set(reflect.ValueOf(files))
	return made, nil
}

// withOrigins is the root kustomization that also asks kustomize to say where objects come from, and what transformed them.
func (r root) withOrigins() ([]byte, error) {
	if len(r.kept) == 0 {
		return append(slices.Clone(r.body), "buildMetadata: ["+types.OriginAnnotations+", "+types.TransformerAnnotations+"]\n"...), nil
	}
	var whole map[string]any
	if err := yaml.Unmarshal(r.body, &whole); err != nil {
		return nil, err
	}
	whole["buildMetadata"] = append(slices.Clone(r.kept), types.OriginAnnotations, types.TransformerAnnotations)
	return yaml.Marshal(whole)
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
	read := types.Kustomization{TypeMeta: types.TypeMeta{APIVersion: types.KustomizationVersion, Kind: types.KustomizationKind}}
	body, err := b.files.ReadFile(file)
	if err != nil {
		return read, err
	}
	return read, yaml.Unmarshal(body, &read)
}
