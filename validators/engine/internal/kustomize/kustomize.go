// Package kustomize builds a path as kustomize-controller does, without a cluster and without writing a byte.
//
//  1. The source is seen as Flux's artifact holds it: jailed (files.go), without what .sourceignore leaves out (artifact.go).
//  2. The Flux Kustomization's own fields are added to the root kustomization, which is generated if there is none (root.go).
//  3. Every kustomization that the path reaches is read before kustomize does: references that leave the checkout are refused or lead to what the
//     caller has fetched (references.go, fetched.go), Helm and foreign plugins are refused (plugins.go), encrypted sources become placeholders (sources.go), or what they hold where the request brings a key
//     (keys.go).
//  4. kustomize builds (build.go), and says where each object comes from (origin.go).
//  5. The same happens to encrypted values in objects (encrypted.go), variables are substituted (variables.go), Flux's labels are set (objects.go).
package kustomize

import (
	"context"
	"path"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/jail"
	"gitops-validate/engine/internal/kinds"
	"gitops-validate/engine/internal/parse"
	"gitops-validate/engine/internal/sops"
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
	Lenient          bool              `json:"lenient"` // what is not set becomes nothing
	Ignore           string            `json:"ignore"`
	Decrypt          *bool             `json:"decrypt"`    // nil counts as true
	Identities       *int              `json:"identities"` // a blob
	Fetched          []fetched         `json:"fetched"`
	Scopes           kinds.ScopeNames  `json:"scopes"`
}

// Object is one object that the path builds to.
type Object struct {
	Blob       int         `json:"blob"`
	APIVersion string      `json:"apiVersion"`
	Kind       string      `json:"kind"`
	Namespace  string      `json:"namespace"`
	Name       string      `json:"name"`
	Origin     Origin      `json:"origin"`
	Patches    []string    `json:"patches,omitempty"`
	Encrypted  bool        `json:"encrypted,omitempty"`
	Variables  []string    `json:"variables,omitempty"`
	Lost       [][2]string `json:"lost,omitempty"` // labels that are no texts, with which all others are lost: name and JSON value
}

type result struct {
	Objects []Object        `json:"objects"`
	Trace   jail.Trace      `json:"trace"`
	Failure *fault.Failure  `json:"failure"`
	Locked  []locked        `json:"locked,omitempty"`
	Emptied []fault.Failure `json:"emptied,omitempty"` // what is not set, of a lenient request
	Dropped []fault.Failure `json:"dropped,omitempty"` // fields of the root kustomization that there are none of
}

// build is one request while it is carried out.
type build struct {
	args   arguments
	flux   unstructured.Unstructured
	files  *files
	root   root
	scopes kinds.Scopes

	counts   map[visit]int // how many folders a kustomization takes in, itself included
	folders  int
	schema   bool            // a kustomization brings a schema of its own
	unsealed bool            // an encrypted source was replaced
	tried    map[string]bool // sources that Flux tried to decrypt
	secrets  []string        // what errors must not quote
	keys     *sops.Keyring
	locked   []locked

	parsed      map[string]parse.File // files that objects come from
	touched     map[string][]string   // patches, by the annotation that tells them
	namesJudged bool                  // the names of the variables are valid
	emptied     []fault.Failure       // variables that are not set and have no default, where a lenient request makes nothing of them
	dropped     []fault.Failure       // fields of the root kustomization that kustomize does not have
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
	b := &build{args: args, flux: unstructured.Unstructured{Object: args.Kustomization}, files: newFiles(root, args.Ignore), scopes: args.Scopes.Scopes(),
		counts: map[visit]int{}, tried: map[string]bool{}, parsed: map[string]parse.File{}, touched: map[string][]string{}}
	if b.keys, err = keyring(args.Identities, request.Blobs); err != nil {
		return nil, nil, err
	}
	if err = b.mount(request.Blobs); err != nil {
		return nil, nil, err
	}
	objects, blobs, failure := b.answer()
	if failure != nil {
		objects, blobs = []Object{}, nil
	}
	return result{Objects: objects, Trace: root.Trace(), Failure: failure, Locked: b.locked, Emptied: b.emptied, Dropped: b.dropped}, blobs, nil
}

// answer goes through the steps. kustomize and Flux's code around it panic on some input.
func (b *build) answer() (objects []Object, blobs wire.Blobs, failure *fault.Failure) {
	defer func() {
		if reason := recover(); reason != nil {
			failure = b.failure(panicked(reason))
		}
	}()
	for _, step := range []func() *fault.Failure{b.checkPath, b.writeRoot, b.checkReferences} {
		if failure := step(); failure != nil {
			return nil, nil, failure
		}
	}
	resources, marks, err := b.kustomize()
	if err != nil {
		return nil, nil, b.failure(err)
	}
	return b.objects(resources, marks)
}

// checkPath says what is wrong with the path of the Kustomization itself. For Flux, `/` is the root of the source, and what leads above it begins there:
// where there is no such folder, it was meant to lead elsewhere.
func (b *build) checkPath() *fault.Failure {
	clean, err := b.files.root.Clean(strings.TrimLeft(b.args.Path, "/"))
	if inside := path.Clean("." + path.Clean("/"+b.args.Path)); isOutside(err) && b.files.IsDir(inside) {
		clean, err = inside, nil
	}
	if err != nil {
		return &fault.Failure{Reason: "outside-path", Message: err.Error(), Path: b.args.Path}
	}
	info, err := b.files.stat(clean)
	if err == nil {
		clean, err = b.files.real(clean)
	}
	b.args.Path = clean
	switch {
	case isOutside(err):
		return &fault.Failure{Reason: "outside-path", Message: err.Error(), Path: clean}
	case err != nil:
		return &fault.Failure{Reason: "missing-path", Message: "there is no folder " + clean + " in the source", Path: clean}
	case !info.IsDir():
		return &fault.Failure{Reason: "not-a-directory", Message: clean + " is a file; a Kustomization's path is a folder", Path: clean}
	case b.files.isEmpty(clean):
		return &fault.Failure{Reason: "missing-path", Message: "the folder " + clean + " is empty, and git keeps no empty folder", Path: clean}
	}
	return nil
}
