package kustomize

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"gitops-validate/engine/internal/parse"
)

// Origin is where an object is written: a file and the document in it, or the generator and the kustomization that holds it.
type Origin struct {
	Path        string `json:"path"`
	Document    int    `json:"document"`
	Generator   string `json:"generator,omitempty"`
	GeneratedBy string `json:"generated_by,omitempty"`
}

// mark is what kustomize says of one object: where it comes from, and the kustomizations whose patches, images or the like touched it.
type mark struct {
	origin  Origin
	patches []string
}

const (
	originKey         = "config.kubernetes.io/origin"
	transformationKey = "alpha.config.kubernetes.io/transformations"
)

// takeMarks reads kustomize's annotations off the objects; those that the root kustomization asks for itself stay on.
func (b *build) takeMarks(resources []*resource.Resource) []mark {
	taken := make([]mark, len(resources))
	for i, resource := range resources {
		annotations := resource.GetAnnotations(originKey, transformationKey)
		for key, option := range map[string]string{originKey: types.OriginAnnotations, transformationKey: types.TransformerAnnotations} {
			if !slices.Contains(b.root.kept, option) {
				_ = resource.PipeE(kyaml.ClearAnnotation(key))
			}
		}
		_ = kyaml.ClearEmptyAnnotations(&resource.RNode)
		taken[i] = mark{b.origin(resource, annotations[originKey]), b.patches(annotations[transformationKey])}
	}
	return taken
}

type annotation struct {
	Path         string `yaml:"path"`
	ConfiguredIn string `yaml:"configuredIn"`
	ConfiguredBy struct {
		Kind string `yaml:"kind"`
	} `yaml:"configuredBy"`
}

func (b *build) origin(resource *resource.Resource, written string) Origin {
	var read annotation
	if written == "" || yaml.Unmarshal([]byte(written), &read) != nil {
		return Origin{Document: -1}
	}
	if read.Path == "" {
		return generated(b.place(read.ConfiguredIn), read.ConfiguredBy.Kind)
	}
	file := b.place(read.Path)
	if file != path.Join(b.args.Path, read.Path) {
		return Origin{Path: file, Document: -1} // it was fetched
	}
	return Origin{Path: file, Document: b.document(file, resource.GetKind(), resource.GetName())}
}

// generated is the origin of what has no file of its own. A patch that takes all annotations away leaves its transformer as the origin.
func generated(file, kind string) Origin {
	if strings.HasSuffix(kind, "Transformer") {
		return Origin{Path: file, Document: -1}
	}
	return Origin{Path: file, Document: -1, Generator: kind, GeneratedBy: file}
}

// place turns a path that is relative to the build's folder into one that is relative to the root.
func (b *build) place(name string) string {
	if name == "" {
		return ""
	}
	file, _ := b.asWritten(path.Join(b.args.Path, name), "")
	return file
}

// document finds the document that an object comes from: the one of its kind whose name the object's name contains most of.
func (b *build) document(file, kind, name string) int {
	body, err := b.files.ReadFile(file)
	if err != nil {
		return -1
	}
	if !bytes.Contains(body, []byte("\n---")) {
		return 0
	}
	if _, known := b.parsed[file]; !known {
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

// patches lists the kustomizations that touched an object. Most objects of a build have the same.
func (b *build) patches(transformed string) []string {
	if known, seen := b.touched[transformed]; seen {
		return known
	}
	var read []annotation
	_ = yaml.Unmarshal([]byte(transformed), &read)
	var found []string
	for _, transformer := range read {
		if file := b.place(transformer.ConfiguredIn); file != "" && !slices.Contains(found, file) {
			found = append(found, file)
		}
	}
	b.touched[transformed] = found
	return found
}
