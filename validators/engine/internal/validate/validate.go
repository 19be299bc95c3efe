// Package validate says what the API server would answer to an object: built-in kinds are judged by the server's own registries (server), kinds
// of CustomResourceDefinitions by its own validation of those (custom).
package validate

import (
	"context"
	"encoding/json"
	"fmt"

	"gitops-validate/engine/internal/parallel"
	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/validate/custom"
	"gitops-validate/engine/internal/validate/policies"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

type arguments struct {
	Apply       cause.Mode `json:"apply"`
	Definitions []string   `json:"definitions"`
	Namespace   string     `json:"namespace"`
	// Typed says that the objects are sent as kustomize-controller sends them, put into their Go types before.
	Typed bool `json:"typed"`
	// Explicit says that nothing puts an object into a namespace that it does not name itself: one that needs one is refused.
	Explicit bool `json:"explicit"`
	// Namespaces are the labels of namespaces that name levels of Pod Security, or say whether devices may be used with admin access.
	Namespaces map[string]map[string]string `json:"namespaces"`
	// Exact says that definitions from a folder of schemas are those of the cluster, so that what they do not serve is refused.
	Exact bool `json:"exact"`
	// Policies are those that objects come under, which `policies` has given before.
	Policies *under `json:"policies"`
}

// Verdict is what the API server would say of one object. "no-schema" means that nothing defines its kind in that version, "no-verdict" that its libraries gave up.
type Verdict struct {
	Verdict    string              `json:"verdict"`
	Causes     []cause.Cause       `json:"causes,omitempty"`
	Dropped    []cause.Cause       `json:"dropped,omitempty"` // fields that are not sent
	Warnings   []string            `json:"warnings,omitempty"`
	Schema     string              `json:"schema,omitempty"`
	Removed    *server.Lifecycle   `json:"removed,omitempty"`
	Deprecated *server.Lifecycle   `json:"deprecated,omitempty"`
	Pods       *Pods               `json:"pods,omitempty"`
	Policies   []policies.Decision `json:"policies,omitempty"`
	Mismatches []policies.Mismatch `json:"mismatches,omitempty"`
}

// Define answers `define`.
func Define(ctx context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	if _, err := server.Start(config.APIServer); err != nil { // the version's CEL libraries count for definitions too
		return nil, nil, err
	}
	return custom.Define(ctx, config, request)
}

// Prepare starts the server, and has it apply an object, which reads the types of all built-in kinds.
func Prepare(config *worker.Config) {
	if judges, err := server.Start(config.APIServer); err == nil {
		body := []byte(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"any"}}`)
		(&judge{config, judges, arguments{Apply: cause.ServerSide, Namespace: "default"}}).object(context.Background(), body)
	}
}

// Judge answers `validate`.
func Judge(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	judge, err := newJudge(config, request)
	if err != nil {
		return nil, nil, err
	}
	pods, err := newPodSecurity(config.KubeVersion, judge.Namespaces)
	if err != nil {
		return nil, nil, err
	}
	policies, err := judge.policies()
	if err != nil {
		return nil, nil, err
	}
	verdicts := parallel.Map(len(request.Blobs), func(i int) Verdict { return judge.whole(request.Blobs[i], pods, policies) })
	return map[string]any{"verdicts": verdicts}, nil, nil
}

// judge is what one request is judged by.
type judge struct {
	config *worker.Config
	server *server.Server
	arguments
}

func newJudge(config *worker.Config, request wire.Request) (*judge, error) {
	args, err := worker.Decode[arguments](request)
	if err != nil {
		return nil, err
	}
	if args.Apply != cause.Create && args.Apply != cause.ServerSide {
		return nil, fmt.Errorf("apply is %q, neither %q nor %q", args.Apply, cause.Create, cause.ServerSide)
	}
	judges, err := server.Start(config.APIServer)
	if err != nil {
		return nil, err
	}
	return &judge{config, judges, args}, nil
}

// whole judges an object by its registry, by policies and, at the levels of its namespace, its pods.
func (j *judge) whole(body []byte, pods *podSecurity, set *policies.Set) (verdict Verdict) {
	known := true
	defer gaveUp(&verdict, &known)
	review := func(body []byte) Verdict { return j.reviewed(body, set) }
	body, verdict = j.asTyped(body, review(body), review)
	verdict.Pods = pods.of(body, j.Namespace)
	return verdict
}

// largest is the size of a request in bytes beyond which an API server does not read it.
const largest = 3 << 20

// object judges an object of any kind.
func (j *judge) object(ctx context.Context, body []byte) Verdict {
	if len(body) <= largest && !json.Valid(body) {
		return notAnObject
	}
	verdict, known := j.builtIn(ctx, body)
	if !known {
		verdict = j.custom(ctx, body)
	}
	return verdict
}

// given is the namespace of an object that names none.
func (j *judge) given() string {
	if j.Explicit {
		return ""
	}
	return j.Namespace
}

var notAnObject = rejected("", []cause.Cause{{Reason: "BadRequest", Message: "not an object"}})

// builtIn judges an object, given as valid JSON, unless only a definition can. It never panics: an input that brings a library down has no verdict.
func (j *judge) builtIn(ctx context.Context, body []byte) (verdict Verdict, known bool) {
	defer gaveUp(&verdict, &known)
	if len(body) > largest {
		return rejected("", []cause.Cause{{Reason: "RequestEntityTooLarge", Message: fmt.Sprintf("Request entity too large: limit is %d", largest)}}), true
	}
	object, err := server.NewObject(body)
	if err != nil {
		return notAnObject, true
	}
	said, known := j.server.Judge(server.WithNamespaces(ctx, j.Namespaces), object, j.Apply, j.given())
	if !known {
		return Verdict{}, false
	}
	verdict = rejected("built-in", said.Causes)
	verdict.Warnings, verdict.Removed, verdict.Deprecated = said.Warnings, said.Removed, said.Deprecated
	return verdict, true
}

func (j *judge) custom(ctx context.Context, body []byte) (verdict Verdict) {
	known := true
	defer gaveUp(&verdict, &known)
	causes, warnings, schema, found, err := custom.Judge(ctx, j.config, body, j.Apply, j.Definitions, j.given())
	if err != nil {
		return Verdict{Verdict: "no-verdict", Causes: []cause.Cause{{Reason: "InternalError", Message: err.Error()}}}
	}
	if !found && (len(causes) == 0 || !j.Exact) {
		return Verdict{Verdict: "no-schema", Causes: causes}
	}
	verdict = rejected(schema, causes)
	verdict.Warnings = warnings
	return verdict
}

// gaveUp turns a library's panic into a verdict.
func gaveUp(verdict *Verdict, known *bool) {
	if fault := recover(); fault != nil {
		message := fmt.Sprintf("the API server's library panicked: %v", fault)
		*verdict, *known = Verdict{Verdict: "no-verdict", Causes: []cause.Cause{{Reason: "InternalError", Message: message}}}, true
	}
}

func rejected(schema string, causes []cause.Cause) Verdict {
	if len(causes) == 0 {
		return Verdict{Verdict: "accepted", Schema: schema}
	}
	return Verdict{Verdict: "rejected", Schema: schema, Causes: causes}
}
