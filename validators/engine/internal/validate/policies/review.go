package policies

import (
	"context"
	"fmt"
	"slices"

	v1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// mostDecisions are told of one object.
const mostDecisions = 100

// Decision is what a policy has against an object. Field is what the expression reads, as a path; Unknown, if it is set, says what only a cluster
// knows on which the decision depends.
type Decision struct {
	Policy  string   `json:"policy"`
	Binding string   `json:"binding,omitempty"`
	Actions []string `json:"actions"`
	Message string   `json:"message"`
	Field   string   `json:"-"`
	Pointer string   `json:"pointer"`
	Unknown string   `json:"unknown,omitempty"`
	Pods    bool     `json:"pods,omitempty"` // it is about the pods that a controller makes of the object
}

// exempt are the kinds that policies do not apply to, lest one locks everybody out.
var exempt = []string{
	"validatingadmissionpolicies", "validatingadmissionpolicybindings", "mutatingadmissionpolicies", "mutatingadmissionpolicybindings",
	"tokenreviews", "localsubjectaccessreviews", "selfsubjectaccessreviews", "selfsubjectrulesreviews", "subjectaccessreviews", "selfsubjectreviews",
}

// Review says what the policies have against an object that would be created, or take the place of an older one.
func (s *Set) Review(object Accepted) (decisions []Decision) {
	if slices.Contains(exempt, object.GetResource().Resource) {
		return nil
	}
	for _, each := range s.policies {
		decisions = append(decisions, s.ask(each, object)...)
	}
	return decisions[:min(len(decisions), mostDecisions)]
}

// ask goes through a policy and its bindings, as Dispatch of k8s.io/apiserver's plugin/policy/validating does. It never panics.
func (s *Set) ask(asked *policy, object Accepted) (decisions []Decision) {
	defer func() {
		if fault := recover(); fault != nil {
			decisions = asked.gaveUp(panicked(fault))
		}
	}()
	matches, resource, kind, err := s.matcher.DefinitionMatches(object, object, validating.NewValidatingAdmissionPolicyAccessor(asked.ValidatingAdmissionPolicy))
	if err != nil {
		return asked.misconfigured(nil, err)
	}
	if !matches {
		return nil
	}
	if asked.fault != "" {
		return asked.gaveUp(asked.fault)
	}
	for _, binding := range asked.bindings {
		matches, err := s.matcher.BindingMatches(object, object, validating.NewValidatingAdmissionPolicyBindingAccessor(binding))
		if err != nil {
			decisions = append(decisions, asked.misconfigured(binding, err)...)
		} else if matches {
			decisions = append(decisions, s.bound(asked, binding, object, resource, kind)...)
		}
	}
	return decisions
}

// bound evaluates a policy with the parameters of a binding. It is no verdict where it depends on what is not known here.
func (s *Set) bound(asked *policy, binding *v1.ValidatingAdmissionPolicyBinding, object Accepted, resource schema.GroupVersionResource, kind schema.GroupVersionKind) []Decision {
	spec := asked.Spec
	params, err := generic.CollectParams(spec.ParamKind, asked.params, asked.params.of(binding.Spec.ParamRef), binding.Spec.ParamRef, object.GetNamespace(), nil, nil)
	if err != nil {
		found := asked.misconfigured(binding, err)
		if asked.absent(binding, object.GetNamespace()) {
			return doubted(found, unknownParams)
		}
		return found
	}
	converted, old := object.as(kind), object.was(kind)
	if converted == nil || old == nil && object.GetOldObject() != nil {
		return doubted(asked.misconfigured(binding, fmt.Errorf("%s cannot be had as %s", object.GetKind(), kind)), unknownConversion)
	}
	home, known := s.home(object)
	found := asked.agreed(func(world world) []Decision {
		versioned := &admission.VersionedAttributes{Attributes: world.requests(object), VersionedKind: kind}
		versioned.VersionedObject.Set(converted)
		if old != nil {
			versioned.VersionedOldObject.Set(old)
		}
		return asked.evaluate(binding, resource, versioned, params, home, world)
	})
	if !known && asked.looksAtNamespace(binding) {
		return doubted(found, unknownNamespace)
	}
	return found
}

// home is the namespace of an object, as expressions see it: a Namespace has none.
func (s *Set) home(object Accepted) (home *corev1.Namespace, known bool) {
	name := object.GetNamespace()
	if kind := object.GetKind(); name == "" || kind.Group == "" && kind.Kind == "Namespace" {
		return nil, true
	}
	home, _ = s.namespaces.Get(name)
	return home, s.namespaces.known[name] != nil
}

// agreed asks in every world that is possible. Decisions that differ depend on who applies the object.
func (p *policy) agreed(decide func(world) []Decision) []Decision {
	possible := p.possible()
	first := decide(possible[0])
	for _, other := range possible[1:] {
		if found := decide(other); !slices.EqualFunc(first, found, func(a, b Decision) bool { return a.Message == b.Message && a.Field == b.Field }) {
			return doubted(append(first, found...)[:1], unknownRequester)
		}
	}
	return first
}

// evaluate gives what the API server's evaluator decides, by the actions of the binding.
func (p *policy) evaluate(binding *v1.ValidatingAdmissionPolicyBinding, resource schema.GroupVersionResource, object *admission.VersionedAttributes, params []runtime.Object, home *corev1.Namespace, world world) (decisions []Decision) {
	actions := make([]string, len(binding.Spec.ValidationActions))
	for i, action := range binding.Spec.ValidationActions {
		actions[i] = string(action)
	}
	for _, param := range params {
		said := p.validator.Validate(context.Background(), resource, object, param, home, celconfig.RuntimeCELCostBudget, world)
		for i, each := range said.Decisions {
			if each.Action != validating.ActionDeny {
				continue
			}
			found := Decision{Policy: p.Name, Binding: binding.Name, Actions: actions, Message: each.Message}
			if each.Evaluation == validating.EvalDeny && i < len(p.fields) {
				found.Field = p.fields[i]
			}
			decisions = append(decisions, found)
		}
		for _, each := range said.AuditAnnotations {
			if each.Action == validating.AuditAnnotationActionError {
				decisions = append(decisions, Decision{Policy: p.Name, Binding: binding.Name, Actions: []string{string(v1.Deny)}, Message: each.Error})
			}
		}
	}
	return decisions
}

// misconfigured is what a policy denies that cannot be asked, unless its failures are ignored.
func (p *policy) misconfigured(binding *v1.ValidatingAdmissionPolicyBinding, err error) []Decision {
	if failure := p.Spec.FailurePolicy; failure != nil && *failure == v1.Ignore {
		return nil
	}
	if binding == nil {
		return []Decision{{Policy: p.Name, Actions: []string{string(v1.Deny)}, Message: fmt.Sprintf("failed to configure policy: %v", err)}}
	}
	return []Decision{{Policy: p.Name, Binding: binding.Name, Actions: []string{string(v1.Deny)}, Message: fmt.Sprintf("failed to configure binding: %v", err)}}
}

// gaveUp is no verdict: what brings a library down here may do so in a server, or not.
func (p *policy) gaveUp(fault string) []Decision {
	return []Decision{{Policy: p.Name, Actions: []string{string(v1.Deny)}, Message: fault, Unknown: unknownLibrary}}
}

func doubted(decisions []Decision, unknown string) []Decision {
	for i := range decisions {
		decisions[i].Unknown = unknown
	}
	return decisions
}
