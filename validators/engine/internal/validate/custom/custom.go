// Package custom judges objects of kinds that CustomResourceDefinitions define, with the API server's own code for them: its pruning, defaults,
// structural schema, list rules, CEL and strategy.
//
// A definition comes from the caller (define) or from a folder of definitions (known.go). It is compiled when an object first asks for one of its
// versions (definition.go, version.go). An object is read as the server would read it (object.go), and what is refused is said in its words (causes.go).
package custom

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/json"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

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
		return defined{Versions: []string{}, Failure: &fault.Failure{Reason: "definition", Message: err.Error()}}, nil, nil
	}
	found.unproven = true
	keep(args.Digest, found)
	result := defined{Group: found.crd.Spec.Group, Kind: found.crd.Spec.Names.Kind, Versions: []string{}}
	for _, version := range found.crd.Spec.Versions {
		if version.Served {
			result.Versions = append(result.Versions, version.Name)
		}
	}
	return result, nil, nil
}

// Judge says what the API server would answer to an object of a custom kind. `origin` is where the definition comes from; found is false when
// there is none, or, with a cause that says so, none of that version. An error means that the definition is of no use.
func Judge(ctx context.Context, config *worker.Config, body []byte, mode cause.Mode, digests []string, namespace string) (causes []cause.Cause, warnings []string, origin string, found bool, err error) {
	var values map[string]any
	repeated, err := json.UnmarshalStrict(body, &values)
	if err != nil {
		return nil, nil, "", false, err
	}
	apiVersion, _ := values["apiVersion"].(string)
	name, _ := values["kind"].(string)
	kind := schema.FromAPIVersionAndKind(apiVersion, name)
	definition, origin, err := lookup(config, kind, digests)
	if err != nil || definition == nil {
		return nil, nil, "", false, err
	}
	served, err := definition.served(kind.Version)
	if err != nil {
		return nil, nil, origin, true, fmt.Errorf("the definition of %s/%s cannot be served: %w", kind.Group, kind.Kind, err)
	}
	if served == nil {
		return []cause.Cause{definition.notServed(kind, origin)}, nil, origin, !definition.isDated(origin), nil
	}
	warnings, refused := served.send(ctx, values, repeated, mode, namespace)
	return causesOf(refused, values), warnings, origin, true, nil
}

// send gives the server's warnings and its refusal.
func (v *version) send(ctx context.Context, values map[string]any, repeated []error, mode cause.Mode, namespace string) ([]string, error) {
	warnings, err := v.Send(ctx, server.HeadOf(values), namespace, func() (runtime.Object, error) {
		if mode == cause.ServerSide {
			return v.apply(values, repeated)
		}
		return v.decode(values, repeated)
	})
	if v.deprecated != "" {
		warnings = append([]string{v.deprecated}, warnings...)
	}
	return warnings, err
}
