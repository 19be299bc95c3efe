package kustomize

import (
	"fmt"
	"os"
	"regexp"
	"slices"

	generator "github.com/fluxcd/pkg/kustomize"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"

	"gitops-validate/engine/internal/worker"
)

// panicked is the error that stands for a panic of kustomize, or of Flux's code around it.
func panicked(reason any) error { return fmt.Errorf("kustomize panicked on this input: %v", reason) }

// kustomize builds the path. The annotations by which kustomize says where objects come from are part of what it patches: a patch that copies all
// annotations would copy them. Where a file speaks of them, what counts is a build without them.
func (b *build) kustomize() (resmap.ResMap, []mark, error) {
	annotated, err := b.root.withOrigins()
	if err != nil {
		return nil, nil, err
	}
	b.files.replaced[b.root.file] = annotated
	resources, err := b.once()
	if !b.files.annotated {
		if err != nil {
			return nil, nil, err
		}
		return resources, b.takeMarks(resources.Resources()), nil
	}
	b.files.replaced[b.root.file] = b.root.body
	plain, plainErr := b.once()
	if plainErr != nil {
		return nil, nil, plainErr
	}
	marks := make([]mark, plain.Size())
	if err == nil && slices.EqualFunc(plain.Resources(), resources.Resources(), sameObject) {
		marks = b.takeMarks(resources.Resources())
	}
	return plain, marks, nil
}

// Prepare reads the schema that kustomize merges by.
func Prepare(*worker.Config) { openapi.Schema() }

// once runs kustomize. fluxcd/pkg's Build sets kustomize's global schema back each time, which costs more than most builds; it is only
// needed where a kustomization brings a schema of its own.
func (b *build) once() (resources resmap.ResMap, err error) {
	defer silence()()
	folder := b.files.abs(b.args.Path)
	openapi.Schema() // read before the build, as Build does, so that a schema of one's own adds to the built-in one
	if b.schema {
		return generator.Build(b.files, folder)
	}
	defer func() {
		if reason := recover(); reason != nil {
			resources, err = nil, panicked(reason)
		}
	}()
	options := krusty.Options{LoadRestrictions: types.LoadRestrictionsNone, PluginConfig: types.DisabledPluginConfig()}
	return krusty.MakeKustomizer(&options).Run(b.files, folder)
}

// nowhere is where kustomize writes its warnings, which it has no other place for than stderr; a worker says its last words there.
var nowhere, _ = os.OpenFile(os.DevNull, os.O_WRONLY, 0)

// silence keeps stderr free until the returned function is called. A worker answers one request at a time.
func silence() func() {
	stderr := os.Stderr
	if nowhere != nil {
		os.Stderr = nowhere
	}
	return func() { os.Stderr = stderr }
}

func sameObject(one, other *resource.Resource) bool {
	return one.GetKind() == other.GetKind() && one.GetName() == other.GetName() && one.GetNamespace() == other.GetNamespace()
}

// wholeAnnotations is the path of all annotations, as JSON patches and replacements write it, or the name of kustomize's own.
var wholeAnnotations = regexp.MustCompile(`metadata[/.]annotations([^/.\w]|$)|config\.kubernetes\.io`)

// mentionsAnnotations reports whether a text may do something with kustomize's annotations.
func mentionsAnnotations(body []byte) bool { return wholeAnnotations.Match(body) }
