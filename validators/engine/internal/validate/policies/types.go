package policies

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	v1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/cel/openapi/resolver"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// mostKinds are looked at for one policy, as the server's own check does.
const mostKinds = 10

// Mismatch is an expression that fits none of the kinds that its policy matches.
type Mismatch struct {
	Field   string `json:"field"`
	Message string `json:"message"`
	Pointer string `json:"pointer"`
}

// Kinds tells what is known of the kinds that policies match.
type Kinds interface {
	// KindOf is the kind of a resource.
	KindOf(resource schema.GroupVersionResource) (schema.GroupVersionKind, bool)
	// SchemaOf are the types of its fields.
	SchemaOf(kind schema.GroupVersionKind) (*spec.Schema, error)
}

// Types checks the expressions of a policy against the types of all that it matches, as the server's controller does that notes warnings in its
// status. One that fits any of them may have been written for that; of what is matched by wildcards, or is of an unknown kind, nothing is said.
func Types(accepted Accepted, kinds Kinds) (found []Mismatch) {
	defer func() {
		if recover() != nil {
			found = nil
		}
	}()
	policy, is := accepted.as(accepted.GetKind()).(*v1.ValidatingAdmissionPolicy)
	if !is || policy.Spec.MatchConstraints == nil {
		return nil
	}
	narrowed := narrow(policy)
	if len(narrowed) > mostKinds {
		return nil
	}
	for i, each := range policy.Spec.Validations {
		for _, written := range [][2]string{{"expression", each.Expression}, {"messageExpression", each.MessageExpression}} {
			if message, wrong := fitsNone(narrowed, kinds, written[1]); wrong {
				found = append(found, Mismatch{Field: fmt.Sprintf("spec.validations[%d].%s", i, written[0]), Message: message})
			}
		}
	}
	return found
}

// narrow gives the policy once for each resource that it matches.
func narrow(policy *v1.ValidatingAdmissionPolicy) (narrowed []*v1.ValidatingAdmissionPolicy) {
	for _, rule := range policy.Spec.MatchConstraints.ResourceRules {
		for _, group := range rule.APIGroups {
			for _, version := range rule.APIVersions {
				for _, resource := range rule.Resources {
					one := policy.DeepCopy()
					one.Spec.MatchConstraints.ResourceRules = []v1.NamedRuleWithOperations{{RuleWithOperations: v1.RuleWithOperations{
						Operations: rule.Operations,
						Rule:       v1.Rule{APIGroups: []string{group}, APIVersions: []string{version}, Resources: []string{resource}},
					}}}
					narrowed = append(narrowed, one)
					if len(narrowed) > mostKinds {
						return narrowed
					}
				}
			}
		}
	}
	return narrowed
}

var (
	issue     = regexp.MustCompile(`ERROR: <input>:\d+:\d+: ([^\n]+)`)
	formatted = regexp.MustCompile(`bytes|timestamp|duration`)
	undefined = regexp.MustCompile(`^undefined field '([^']*)'`)
)

// worst is the first issue that is certain. The check loses fields of which OpenAPI does not tell one type, such as quantities: one that the kind has
// anywhere may be such. What has a type by its format is a string in the object all the same.
func worst(issues string, kind schema.GroupVersionKind, kinds Kinds) string {
	for _, found := range issue.FindAllStringSubmatch(issues, -1) {
		name := undefined.FindStringSubmatch(found[1])
		if name == nil && !formatted.MatchString(found[1]) {
			return found[1]
		}
		if name == nil {
			continue
		}
		if types, err := kinds.SchemaOf(kind); err == nil && types != nil && !has(types, name[1], 0) {
			return found[1]
		}
	}
	return ""
}

func has(types *spec.Schema, name string, depth int) bool {
	if types == nil || depth > deepest {
		return false
	}
	if _, there := types.Properties[name]; there {
		return true
	}
	below := slices.Collect(maps.Values(types.Properties))
	for _, each := range append(below, types.AllOf...) {
		if has(&each, name, depth+1) {
			return true
		}
	}
	return types.Items != nil && has(types.Items.Schema, name, depth+1) || types.AdditionalProperties != nil && has(types.AdditionalProperties.Schema, name, depth+1)
}

// fitsNone gives what is wrong with an expression, if it is wrong for each of the resources.
func fitsNone(narrowed []*v1.ValidatingAdmissionPolicy, kinds Kinds, expression string) (message string, wrong bool) {
	if expression == "" {
		return "", false
	}
	for _, each := range narrowed {
		checker := &validating.TypeChecker{SchemaResolver: schemas{kinds}, RestMapper: mapper{kinds: kinds}}
		results := checker.CheckExpression(checker.CreateContext(each), expression)
		if len(results) == 0 || results[0].Issues == nil {
			return "", false
		}
		if message = worst(results[0].Issues.Error(), results[0].GVK, kinds); message == "" {
			return "", false
		}
		message = fmt.Sprintf("%s: %s", results[0].GVK.Kind, message)
	}
	return message, len(narrowed) > 0
}

type schemas struct{ kinds Kinds }

// ResolveSchema implements resolver.SchemaResolver.
func (s schemas) ResolveSchema(kind schema.GroupVersionKind) (*spec.Schema, error) {
	found, err := s.kinds.SchemaOf(kind)
	if err == nil && found == nil {
		err = resolver.ErrSchemaNotFound
	}
	return found, err
}

// mapper knows the kinds of resources, which is all that the check asks.
type mapper struct {
	meta.RESTMapper
	kinds Kinds
}

// KindsFor implements meta.RESTMapper.
func (m mapper) KindsFor(resource schema.GroupVersionResource) ([]schema.GroupVersionKind, error) {
	kind, known := m.kinds.KindOf(resource)
	if !known {
		return nil, &meta.NoResourceMatchError{PartialResource: resource}
	}
	return []schema.GroupVersionKind{kind}, nil
}
