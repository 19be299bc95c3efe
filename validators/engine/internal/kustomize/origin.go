package kustomize

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	generator "github.com/fluxcd/pkg/kustomize"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/parse"
)

// Origin is where an object is written: a file and the document in it, or the generator and the kustomization that holds it.
type Origin struct {
	Path        string `json:"path"`
	Document    int    `json:"document"`
	Generator   string `json:"generator,omitempty"`
	GeneratedBy string `json:"generated_by,omitempty"`
}

const (
	originKey         = "config.kubernetes.io/origin"
	transformationKey = "alpha.config.kubernetes.io/transformations"
)

// kustomize builds the path. fluxcd/pkg's Build sets kustomize's global schema back each time, which costs more than most builds; it is only
// needed where a kustomization brings a schema of its own.
func (b *build) kustomize() (resources resmap.ResMap, err error) {
	folder := b.files.abs(b.args.Path)
	if b.schema {
		defer openapi.Schema()
		return generator.Build(b.files, folder)
	}
	defer func() {
		if recover() != nil {
			resources, err = nil, errPanic
		}
	}()
	options := krusty.Options{LoadRestrictions: types.LoadRestrictionsNone, PluginConfig: types.DisabledPluginConfig()}
	return krusty.MakeKustomizer(&options).Run(b.files, folder)
}

// takeOrigin reads kustomize's annotations off an object, unless the user's own root asked for them.
func (b *build) takeOrigin(resource *resource.Resource) (Origin, []string, error) {
	annotations := resource.GetAnnotations()
	written, transformed := annotations[originKey], annotations[transformationKey]
	if !slices.Contains(b.kept, types.OriginAnnotations) {
		delete(annotations, originKey)
	}
	if !slices.Contains(b.kept, types.TransformerAnnotations) {
		delete(annotations, transformationKey)
	}
	if err := resource.SetAnnotations(annotations); err != nil {
		return Origin{}, nil, err
	}
	return b.origin(resource, written), b.patches(transformed), nil
}

type annotation struct {
	Path         string `json:"path"`
	ConfiguredIn string `json:"configuredIn"`
	ConfiguredBy struct {
		Kind string `json:"kind"`
	} `json:"configuredBy"`
}

func (b *build) origin(resource *resource.Resource, written string) Origin {
	var read annotation
	if yaml.Unmarshal([]byte(written), &read) != nil {
		return Origin{Document: -1}
	}
	if read.Path == "" {
		file := b.place(read.ConfiguredIn)
		return Origin{Path: file, Document: -1, Generator: read.ConfiguredBy.Kind, GeneratedBy: file}
	}
	file := b.place(read.Path)
	return Origin{Path: file, Document: b.document(file, resource.GetKind(), resource.GetName())}
}

// place turns a path that is relative to the build's folder into one that is relative to the root.
func (b *build) place(name string) string {
	if name == "" {
		return ""
	}
	return path.Join(b.args.Path, name)
}

// document finds the document that an object comes from: the one of its kind whose name the object's name contains most of.
func (b *build) document(file, kind, name string) int {
	if _, known := b.parsed[file]; !known {
		body, err := b.files.ReadFile(file)
		if err != nil {
			return -1
		}
		b.parsed[file] = parse.Parse(file, body)
	}
	found, longest := -1, -1
	for _, document := range b.parsed[file].Documents {
		if document.Kind == kind && strings.Contains(name, document.Name) && len(document.Name) > longest {
			found, longest = document.Index, len(document.Name)
		}
	}
	if found < 0 && len(b.parsed[file].Documents) == 1 {
		return b.parsed[file].Documents[0].Index
	}
	return found
}

// patches lists the kustomizations whose patches, images or replacements touched an object.
func (b *build) patches(transformed string) []string {
	var read []annotation
	_ = yaml.Unmarshal([]byte(transformed), &read)
	var found []string
	for _, transformer := range read {
		if file := b.place(transformer.ConfiguredIn); file != "" && !slices.Contains(found, file) {
			found = append(found, file)
		}
	}
	return found
}

var (
	namedFile = regexp.MustCompile(`(?:in File: |from '|reading |open |path=?"?)([^\s'":]+)`)
	namedLine = regexp.MustCompile(`line (\d+)`)
)

// failure turns an error of kustomize into what is said: the innermost message, and the file that it names.
func (b *build) failure(err error) *fault.Failure {
	message := strings.ReplaceAll(err.Error(), b.files.root.Name()+"/", "")
	failure := &fault.Failure{Reason: "kustomize-build", Message: message, Path: b.args.Path}
	if b.files.isOutside(err) || strings.Contains(message, "leads outside the repository") {
		failure.Reason = "outside-path"
	}
	for _, match := range namedFile.FindAllStringSubmatch(message, -1) {
		for _, candidate := range []string{match[1], path.Join(b.args.Path, match[1])} {
			if clean, err := b.files.root.Clean(candidate); err == nil && b.files.Exists(clean) && !b.files.IsDir(clean) {
				failure.Path = clean
			}
		}
	}
	if match := namedLine.FindStringSubmatch(message); match != nil {
		failure.Line, _ = strconv.Atoi(match[1])
	}
	if failure.Path == b.args.Path && b.kustomizationFile(b.args.Path) != "" {
		failure.Path = b.kustomizationFile(b.args.Path)
	}
	return failure
}

// failureIn is a failure about one file, or the one inside that the error knows better.
func (b *build) failureIn(file string, err error) *fault.Failure {
	failure := b.failure(err)
	failure.Path = file
	if inner := new(inFile); errors.As(err, &inner) {
		failure.Path = inner.path
	}
	return failure
}
