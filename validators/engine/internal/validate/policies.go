package validate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/kube-openapi/pkg/validation/spec"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/validate/custom"
	"gitops-validate/engine/internal/validate/policies"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// sets are the policies that this process was given, by digest, and what was made of them when an object first came under them.
var sets = struct {
	sync.Mutex
	lists map[string][]byte
	made  map[string]*policies.Set
}{lists: map[string][]byte{}, made: map[string]*policies.Set{}}

// under names a list of policies, and the definitions of its parameters' kinds.
type under struct {
	Digest      string   `json:"digest"`
	Definitions []string `json:"definitions"`
}

// Policies answers `policies`: it keeps a List of policies, bindings, namespaces and parameters under the digest that it is given.
func Policies(_ context.Context, _ *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[under](request)
	if err != nil {
		return nil, nil, err
	}
	if len(request.Blobs) != 1 {
		return nil, nil, errors.New("one list is needed")
	}
	sets.Lock()
	defer sets.Unlock()
	sets.lists[args.Digest] = request.Blobs[0]
	return struct{}{}, nil, nil
}

// policies are those that the request names; nil if it names none.
func (j *judge) policies() (*policies.Set, error) {
	if j.Policies == nil {
		return nil, nil
	}
	sets.Lock()
	defer sets.Unlock()
	if made := sets.made[j.Policies.Digest]; made != nil {
		return made, nil
	}
	list, given := sets.lists[j.Policies.Digest]
	if !given {
		return nil, fmt.Errorf("nothing is known of the policies %s", j.Policies.Digest)
	}
	others := &judge{j.config, j.server, arguments{Apply: cause.ServerSide, Namespace: j.Namespace, Definitions: j.Policies.Definitions}}
	made, err := policies.New(list, others.accept)
	if err == nil {
		sets.made[j.Policies.Digest] = made
	}
	return made, err
}

// accept gives an object as its registry has accepted it.
func (j *judge) accept(body []byte) (accepted policies.Accepted, is bool) {
	ctx := server.WithReviewer(context.Background(), func(attributes admission.Attributes, interfaces admission.ObjectInterfaces) {
		accepted, is = policies.Accepted{Attributes: attributes, ObjectInterfaces: interfaces}, true
	})
	verdict := j.object(ctx, body)
	return accepted, is && verdict.Verdict == "accepted"
}

// reviewed judges an object, and has policies review it if it is accepted.
func (j *judge) reviewed(body []byte, set *policies.Set) Verdict {
	if set == nil {
		return j.object(context.Background(), body)
	}
	var decisions []policies.Decision
	var mismatches []policies.Mismatch
	ctx := server.WithReviewer(context.Background(), func(attributes admission.Attributes, interfaces admission.ObjectInterfaces) {
		accepted := policies.Accepted{Attributes: attributes, ObjectInterfaces: interfaces}
		decisions, mismatches = set.Review(accepted), policies.Types(accepted, kinds{j})
	})
	verdict := j.object(ctx, body)
	if verdict.Verdict == "accepted" {
		decisions = beside(decisions, j.pods(body, set))
	}
	if len(decisions)+len(mismatches) > 0 {
		verdict.Policies, verdict.Mismatches = decisions, mismatches
		verdict.locate(body)
	}
	return verdict
}

// locate finds the fields that policies speak of in the object as it was sent.
func (v *Verdict) locate(body []byte) {
	object, err := server.NewObject(body)
	if err != nil {
		return
	}
	for i := range v.Policies {
		v.Policies[i].Pointer = cause.Pointer(v.Policies[i].Field, object.Values())
	}
	for i := range v.Mismatches {
		v.Mismatches[i].Pointer = cause.Pointer(v.Mismatches[i].Field, object.Values())
	}
}

// kinds are those of the server, and of the definitions that a request names.
type kinds struct{ *judge }

// KindOf implements policies.Kinds.
func (k kinds) KindOf(resource schema.GroupVersionResource) (schema.GroupVersionKind, bool) {
	if kind, known := k.server.KindOf(resource); known {
		return kind, true
	}
	return custom.KindOf(k.definitions(), resource)
}

// SchemaOf implements policies.Kinds.
func (k kinds) SchemaOf(kind schema.GroupVersionKind) (*spec.Schema, error) {
	if k.server.Knows(kind.Group) {
		return k.server.SchemaOf(kind)
	}
	return custom.SchemaOf(k.definitions(), kind)
}

func (k kinds) definitions() []string {
	if k.Policies == nil {
		return k.Definitions
	}
	return append(slices.Clone(k.Definitions), k.Policies.Definitions...)
}
