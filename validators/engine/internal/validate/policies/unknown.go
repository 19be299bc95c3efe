package policies

import (
	"context"
	"regexp"

	v1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// What a decision may depend on that no repository tells.
const (
	unknownParams     = "params"     // the parameters are not among the rendered objects
	unknownNamespace  = "namespace"  // nor is the namespace, whose labels count
	unknownRequester  = "requester"  // who applies the object, or what that account may do
	unknownConversion = "conversion" // another version of the object, which a webhook makes
	unknownLibrary    = "library"    // what a library says that panicked
)

// world is a cluster as it may be: whoever applies an object is some service account, which may or may not do what a policy asks about.
type world struct {
	account string
	allowed bool
}

var worlds = []world{
	{"system:serviceaccount:flux-system:kustomize-controller", true}, {"system:serviceaccount:flux-system:kustomize-controller", false},
	{"system:serviceaccount:tenant:reconciler", true}, {"system:serviceaccount:tenant:reconciler", false},
}

// requested are the attributes of a request of somebody.
type requested struct {
	admission.Attributes
	requester user.Info
}

// GetUserInfo implements admission.Attributes.
func (r requested) GetUserInfo() user.Info { return r.requester }

func (w world) requests(attributes admission.Attributes) admission.Attributes {
	return requested{attributes, &user.DefaultInfo{Name: w.account, Groups: []string{"system:serviceaccounts", user.AllAuthenticated}}}
}

// Authorize implements authorizer.UnconditionalAuthorizer.
func (w world) Authorize(context.Context, authorizer.Attributes) (authorizer.Decision, string, error) {
	if w.allowed {
		return authorizer.DecisionAllow, "", nil
	}
	return authorizer.DecisionNoOpinion, "", nil
}

var (
	requester = regexp.MustCompile(`\bauthorizer\b|\buserInfo\b`)
	namespace = regexp.MustCompile(`\bnamespaceObject\b`)
)

// possible are the worlds to try a policy in: all of them if it asks about who applies an object.
func (p *policy) possible() []world {
	if p.mentions(requester) {
		return worlds
	}
	return worlds[:1]
}

// looksAtNamespace reports whether more of a namespace counts than its name.
func (p *policy) looksAtNamespace(binding *v1.ValidatingAdmissionPolicyBinding) bool {
	if selects(p.Spec.MatchConstraints) || selects(binding.Spec.MatchResources) {
		return true
	}
	return p.mentions(namespace)
}

func selects(resources *v1.MatchResources) bool {
	if resources == nil || resources.NamespaceSelector == nil {
		return false
	}
	for name := range resources.NamespaceSelector.MatchLabels {
		if name != corev1.LabelMetadataName {
			return true
		}
	}
	for _, each := range resources.NamespaceSelector.MatchExpressions {
		if each.Key != corev1.LabelMetadataName {
			return true
		}
	}
	return false
}

// absent reports whether a binding is without the parameters that it names.
func (p *policy) absent(binding *v1.ValidatingAdmissionPolicyBinding, where string) bool {
	ref := binding.Spec.ParamRef
	if p.Spec.ParamKind == nil || ref == nil {
		return false
	}
	if ref.Namespace != "" {
		where = ref.Namespace
	}
	if p.params.of(ref) == nil || p.params.scope == nil {
		return true
	}
	if ref.Name == "" {
		return p.none(ref, where)
	}
	key := ref.Name
	if p.params.scope.Name() == "namespace" {
		key = where + "/" + ref.Name
	}
	_, found, _ := p.params.GetByKey(key)
	return !found
}

func (p *policy) none(ref *v1.ParamRef, where string) bool {
	selector, err := metav1.LabelSelectorAsSelector(ref.Selector)
	if err != nil {
		return false
	}
	lister := p.params.Lister()
	if p.params.scope.Name() == "namespace" {
		found, err := lister.ByNamespace(where).List(selector)
		return err == nil && len(found) == 0
	}
	found, err := lister.List(selector)
	return err == nil && len(found) == 0
}
