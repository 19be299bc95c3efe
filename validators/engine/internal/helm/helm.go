// Package helm renders a HelmRelease as helm-controller does, without a cluster.
//
//  1. The release is read into Flux's own type (release.go).
//  2. Its chart is loaded from the cache or from the checkout, with the dependencies that lie there (chart.go, folder.go, dependencies.go).
//  3. Its values are composed from valuesFiles, valuesFrom and values (values.go) and held against the schemas (schema.go).
//  4. Helm renders, with the API versions of the emulated server (capabilities.go) and functions that always answer the same (steady).
//  5. Flux's post-renderers run inside Helm (postrender.go), and the manifests become objects as they would be applied (objects.go).
package helm

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"sync"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/jail"
	"gitops-validate/engine/internal/kinds"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// arguments of the operation; docs/engine.md says what they mean.
type arguments struct {
	Root  string `json:"root"`
	Chart struct {
		Archive string `json:"archive"`
		Folder  string `json:"folder"`
		Base    string `json:"base"`
		Digest  string `json:"digest"`
		Version string `json:"version"`
	} `json:"chart"`
	Release     json.RawMessage  `json:"release"`
	ValuesFrom  []reference      `json:"values_from"`
	APIVersions []string         `json:"api_versions"`
	Scopes      kinds.ScopeNames `json:"scopes"`
	PostRender  *bool            `json:"postRender"`
}

// reference is an object that valuesFrom may name. Without a blob it is known not to be there.
type reference struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	Blob *int   `json:"blob"`
}

// result of the operation; docs/engine.md says what it means.
type result struct {
	Objects          []object        `json:"objects"`
	Release          released        `json:"release"`
	UnusedValues     []string        `json:"unused_values"`
	UsesAPIVersions  bool            `json:"uses_api_versions"`
	ValuesFiles      []string        `json:"values_files"`
	SchemaReferences []string        `json:"schema_references"`
	Chart            identity        `json:"chart"`
	Trace            jail.Trace      `json:"trace"`
	Failure          *fault.Failure  `json:"failure"`
	Problems         []fault.Failure `json:"problems"`
}

// released is where and as what Helm installs.
type released struct {
	Name             string `json:"name"`
	Namespace        string `json:"namespace"`
	StorageNamespace string `json:"storage_namespace"`
	CreatesNamespace bool   `json:"creates_namespace"`
}

type identity struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  string `json:"digest"`
}

// silence stops Helm's warnings, which quote values, from reaching standard error.
var silence = sync.OnceFunc(func() {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	log.SetOutput(io.Discard)
})

// Render answers the helm operation.
func Render(ctx context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	silence()
	args, err := worker.Decode[arguments](request)
	if err != nil {
		return nil, nil, err
	}
	files, err := jail.OpenIfNamed(config.Roots, args.Root)
	if err != nil {
		return nil, nil, err
	}
	render := &rendering{ctx: ctx, config: config, args: args, blobs: request.Blobs, files: files}
	answer := result{Objects: []object{}, UnusedValues: []string{}, ValuesFiles: []string{}, SchemaReferences: []string{}, Problems: []fault.Failure{},
		Trace: jail.Trace{Files: []string{}, Dirs: []string{}, Absent: []string{}}}
	if failure := render.failure(render.run(&answer)); failure != nil {
		answer.Failure, answer.Objects, render.bodies = failure, []object{}, nil
	}
	if files != nil {
		answer.Trace = files.Trace()
		_ = files.Close()
	}
	render.hide(&answer)
	return answer, render.bodies, nil
}
