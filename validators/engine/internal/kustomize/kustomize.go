// Package kustomize builds a path as kustomize-controller does, without a cluster and without writing a byte.
//
//  1. The source is seen as Flux's artifact holds it: jailed, without what .sourceignore leaves out (files.go).
//  2. Every kustomization that the path reaches is read before kustomize is; references that leave the checkout are refused (references.go).
//  3. The Flux Kustomization's own fields are added to the root kustomization, which is generated if there is none (root.go).
//  4. kustomize builds, and says where each object comes from (origin.go).
//  5. Encrypted values become placeholders (encrypted.go), variables are substituted (variables.go), Flux's labels are set (objects.go).
package kustomize

import (
	"context"
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/jail"
	"gitops-validate/engine/internal/parse"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

type arguments struct {
	Root             string            `json:"root"`
	Path             string            `json:"path"`
	Kustomization    map[string]any    `json:"kustomization"`
	Substitute       bool              `json:"substitute"`
	Variables        map[string]string `json:"variables"`
	UnknownVariables []string          `json:"unknown_variables"`
	Ignore           string            `json:"ignore"`
}

// Object is one object that the path builds to.
type Object struct {
	Blob       int      `json:"blob"`
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Namespace  string   `json:"namespace"`
	Name       string   `json:"name"`
	Origin     Origin   `json:"origin"`
	Patches    []string `json:"patches,omitempty"`
	Encrypted  bool     `json:"encrypted,omitempty"`
	Variables  []string `json:"variables,omitempty"`
}

type result struct {
	Objects []Object       `json:"objects"`
	Trace   jail.Trace     `json:"trace"`
	Failure *fault.Failure `json:"failure"`
}

// build is one request while it is carried out.
type build struct {
	args   arguments
	flux   unstructured.Unstructured
	files  *files
	sealed map[string]bool       // kustomizations whose secret generators read encrypted sources
	parsed map[string]parse.File // files that objects come from
	schema bool                  // a kustomization brings a schema of its own
	kept   []string              // buildMetadata that the user's own root asks for
}

// Build answers `kustomize`.
func Build(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[arguments](request)
	if err != nil {
		return nil, nil, err
	}
	root, err := jail.Open(config.Roots, args.Root)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = root.Close() }()
	b := &build{args: args, flux: unstructured.Unstructured{Object: args.Kustomization}, files: newFiles(root, args.Ignore), sealed: map[string]bool{}, parsed: map[string]parse.File{}}
	objects, blobs, failure := b.run()
	if failure != nil {
		objects, blobs = []Object{}, nil
	}
	return result{Objects: objects, Trace: root.Trace(), Failure: failure}, blobs, nil
}

func (b *build) run() ([]Object, wire.Blobs, *fault.Failure) {
	if failure := b.checkPath(); failure != nil {
		return nil, nil, failure
	}
	if failure := b.writeRoot(); failure != nil {
		return nil, nil, failure
	}
	if failure := b.checkReferences(); failure != nil {
		return nil, nil, failure
	}
	resources, err := b.kustomize()
	if err != nil {
		return nil, nil, b.failure(err)
	}
	return b.objects(resources)
}

// checkPath says what is wrong with the path of the Kustomization itself.
func (b *build) checkPath() *fault.Failure {
	clean, err := b.files.root.Clean(b.args.Path)
	if err != nil {
		return &fault.Failure{Reason: "outside-path", Message: err.Error(), Path: b.args.Path}
	}
	b.args.Path = clean
	info, err := b.files.root.Stat(clean)
	switch {
	case b.files.isOutside(err):
		return &fault.Failure{Reason: "outside-path", Message: err.Error(), Path: clean}
	case err != nil || b.files.ignored(clean, true):
		return &fault.Failure{Reason: "missing-path", Message: "there is no folder " + clean + " in the source", Path: clean}
	case !info.IsDir():
		return &fault.Failure{Reason: "not-a-directory", Message: clean + " is a file; a Kustomization's path is a folder", Path: clean}
	}
	return nil
}

func marshal(resource interface{ MarshalJSON() ([]byte, error) }) (map[string]any, error) {
	body, err := resource.MarshalJSON()
	if err != nil {
		return nil, err
	}
	var data map[string]any
	return data, json.Unmarshal(body, &data)
}
