// Package policies evaluates ValidatingAdmissionPolicies as the API server's plugin does, with its own matcher, parameters and evaluators.
//
// A Set holds the policies and bindings of an environment with what they look at besides the object under review: parameters (params.go) and
// namespaces (namespaces.go). Each policy is compiled once (compile.go). An object is reviewed as its registry has accepted it (review.go), and what
// depends on more than the environment tells is no verdict (unknown.go). A decision names the field that its expression reads (reads.go).
package policies

import (
	"encoding/json"
	"slices"

	v1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/apiserver/pkg/admission/plugin/policy/matching"
)

// Accepted is an object as its registry has accepted it, and what plugins ask about its kind; nothing if it is refused.
type Accepted struct {
	admission.Attributes
	admission.ObjectInterfaces
}

// Accept has the API server's registry judge an object.
type Accept func(body []byte) (Accepted, bool)

// Set holds the policies of an environment.
type Set struct {
	policies   []*policy
	namespaces *namespaces
	matcher    generic.PolicyMatcher
}

// New reads a list of policies, bindings, namespaces and parameters. What the API server would refuse is left out, as are policies without a binding.
func New(list []byte, accept Accept) (*Set, error) {
	var given struct {
		Items []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(list, &given); err != nil {
		return nil, err
	}
	set := &Set{namespaces: newNamespaces()}
	set.matcher = generic.NewPolicyMatcher(matching.NewMatcher(set.namespaces, nil))
	var bindings []*v1.ValidatingAdmissionPolicyBinding
	var others []Accepted
	for _, body := range given.Items {
		accepted, is := accept(body)
		if !is {
			continue
		}
		others = append(others, accepted)
		switch object := accepted.as(accepted.GetKind()).(type) {
		case *v1.ValidatingAdmissionPolicy:
			set.policies = append(set.policies, &policy{ValidatingAdmissionPolicy: object})
		case *v1.ValidatingAdmissionPolicyBinding:
			bindings = append(bindings, object)
		case *corev1.Namespace:
			set.namespaces.add(object)
		}
	}
	set.bind(bindings, others)
	return set, nil
}

// bind leaves the policies that bindings name, with their parameters.
func (s *Set) bind(bindings []*v1.ValidatingAdmissionPolicyBinding, objects []Accepted) {
	var bound []*policy
	for _, each := range s.policies {
		for _, binding := range bindings {
			if binding.Spec.PolicyName == each.Name {
				each.bindings = append(each.bindings, binding)
			}
		}
		if len(each.bindings) > 0 {
			each.params = newParams(each.Spec.ParamKind, objects)
			each.compile()
			bound = append(bound, each)
		}
	}
	s.policies = bound
}

// Matches reports whether any policy may match a resource, so that it is worth the while to show it.
func (s *Set) Matches(resource string) bool {
	return slices.ContainsFunc(s.policies, func(each *policy) bool {
		return slices.ContainsFunc(each.Spec.MatchConstraints.ResourceRules, func(rule v1.NamedRuleWithOperations) bool {
			return slices.Contains(rule.Resources, resource) || slices.Contains(rule.Resources, "*") || slices.Contains(rule.Resources, "*/*")
		})
	})
}

// as gives the object in a version of its kind, nil if it cannot be had.
func (a Accepted) as(kind schema.GroupVersionKind) runtime.Object { return a.had(a.GetObject(), kind) }

// was gives what the object takes the place of in a version of its kind, nil if it is new or that cannot be had.
func (a Accepted) was(kind schema.GroupVersionKind) runtime.Object {
	if a.GetOldObject() == nil {
		return nil
	}
	return a.had(a.GetOldObject(), kind)
}

func (a Accepted) had(object runtime.Object, kind schema.GroupVersionKind) runtime.Object {
	object, err := admission.ConvertToGVK(object, kind, a.ObjectInterfaces)
	if err != nil {
		return nil
	}
	return object
}
