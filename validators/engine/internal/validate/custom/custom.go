// Package custom judges objects of kinds that CustomResourceDefinitions define, with the API server's own code for them: its pruning, defaults,
// structural schema, list rules, CEL and strategy. A definition comes from the caller (define) or from a folder of definitions.
package custom

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// known are the definitions of this process: those that were defined, by digest, and those that were read from folders, by file.
var known = struct {
	sync.Mutex
	byDigest map[string]*definition
	byFile   map[string]*definition
}{byDigest: map[string]*definition{}, byFile: map[string]*definition{}}

type defined struct {
	Group    string         `json:"group"`
	Kind     string         `json:"kind"`
	Versions []string       `json:"versions"`
	Failure  *fault.Failure `json:"failure"`
}

// Define answers `define`: it keeps a definition under the digest that it is given.
func Define(_ context.Context, _ *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[struct {
		Digest string `json:"digest"`
	}](request)
	if err != nil {
		return nil, nil, err
	}
	if len(request.Blobs) != 1 {
		return nil, nil, errors.New("one definition is needed")
	}
	found, err := read(request.Blobs[0])
	if err != nil {
		return defined{Failure: &fault.Failure{Reason: "definition", Message: err.Error()}}, nil, nil
	}
	known.Lock()
	known.byDigest[args.Digest] = found
	known.Unlock()
	result := defined{Group: found.crd.Spec.Group, Kind: found.crd.Spec.Names.Kind, Versions: []string{}}
	for _, version := range found.crd.Spec.Versions {
		if version.Served {
			result.Versions = append(result.Versions, version.Name)
		}
	}
	return result, nil, nil
}

// Judge says what the API server would answer to an object of a custom kind. `schema` is where the definition comes from; found is false when
// there is none.
func Judge(config *worker.Config, body []byte, mode cause.Mode, digests []string, namespace string) (causes []cause.Cause, warnings []string, origin string, found bool, err error) {
	var values map[string]any
	if err := json.Unmarshal(body, &values); err != nil {
		return nil, nil, "", false, err
	}
	apiVersion, _ := values["apiVersion"].(string)
	name, _ := values["kind"].(string)
	kind := schema.FromAPIVersionAndKind(apiVersion, name)
	compiled, origin, err := lookup(config, kind, digests)
	if err != nil || origin == "" {
		return nil, nil, "", false, err
	}
	if compiled == nil {
		message := fmt.Sprintf("no matches for kind %q in version %q", kind.Kind, kind.GroupVersion())
		return []cause.Cause{{Field: "apiVersion", Pointer: "/apiVersion", Reason: "NotFound", Message: message}}, nil, origin, true, nil
	}
	warnings, refused := compiled.send(values, mode, namespace)
	return server.Causes(refused, values), warnings, origin, true, nil
}

// lookup finds the version that an object names. The origin is "" if nothing defines its kind; the version is nil if it is not served.
func lookup(config *worker.Config, kind schema.GroupVersionKind, digests []string) (*version, string, error) {
	known.Lock()
	defer known.Unlock()
	for _, digest := range digests {
		if found := known.byDigest[digest]; found != nil && found.crd.Spec.Group == kind.Group && found.crd.Spec.Names.Kind == kind.Kind {
			compiled, err := found.served(kind.Version)
			return compiled, "repository", err
		}
	}
	for _, folder := range config.Schemas {
		found, err := fromFolder(folder, kind)
		if err != nil {
			return nil, "", err
		}
		if found != nil {
			compiled, err := found.served(kind.Version)
			return compiled, "bundle", err
		}
	}
	return nil, "", nil
}

// fromFolder reads <group>/<kind>.json once; nil if there is no such file.
func fromFolder(folder string, kind schema.GroupVersionKind) (*definition, error) {
	if strings.ContainsAny(kind.Group+kind.Kind, `/\`) || strings.HasPrefix(kind.Group, ".") {
		return nil, nil
	}
	file := filepath.Join(folder, kind.Group, strings.ToLower(kind.Kind)+".json")
	if found, seen := known.byFile[file]; seen {
		return found, nil
	}
	body, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) || kind.Group == "" || kind.Kind == "" {
		known.byFile[file] = nil
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := read(body)
	if err == nil {
		known.byFile[file] = found
	}
	return found, err
}

func (v *version) send(values map[string]any, mode cause.Mode, namespace string) ([]string, error) {
	warnings, err := v.Send(values, namespace, func() (runtime.Object, error) { return v.decode(values, mode) })
	if v.deprecated != "" {
		warnings = append([]string{v.deprecated}, warnings...)
	}
	return warnings, err
}
