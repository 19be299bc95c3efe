package policies

import (
	"fmt"
	"regexp"
	"slices"
	"sync"

	v1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/cel/environment"
)

// policy is a policy with what belongs to it.
type policy struct {
	*v1.ValidatingAdmissionPolicy
	bindings  []*v1.ValidatingAdmissionPolicyBinding
	params    *params
	validator validating.Validator
	fields    []string // that each validation reads
	fault     string   // why it cannot be evaluated here, if the library gave up on it
}

var baseEnvironment = sync.OnceValue(func() *environment.EnvSet {
	return environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion())
})

// compile never panics. It puts the API server's evaluators together as its plugin does; see compilePolicy of k8s.io/apiserver's plugin/policy/validating.
func (p *policy) compile() {
	defer func() {
		if fault := recover(); fault != nil {
			p.fault = panicked(fault)
		}
	}()
	compiler, err := cel.NewCompositedCompiler(baseEnvironment())
	if err != nil {
		p.validator = validating.NewValidator(nil, nil, nil, nil, p.Spec.FailurePolicy, err)
		return
	}
	all := cel.OptionalVariableDeclarations{HasParams: p.Spec.ParamKind != nil, HasAuthorizer: true}
	messages := cel.OptionalVariableDeclarations{HasParams: all.HasParams}
	compiler.CompileAndStoreVariables(listed(p.Spec.Variables, func(each *v1.Variable) cel.NamedExpressionAccessor {
		return &validating.Variable{Name: each.Name, Expression: each.Expression}
	}), all, environment.StoredExpressions)
	condition := func(expressions []cel.ExpressionAccessor, variables cel.OptionalVariableDeclarations) cel.ConditionEvaluator {
		return compiler.CompileCondition(expressions, variables, environment.StoredExpressions)
	}
	var matcher matchconditions.Matcher
	if conditions := p.Spec.MatchConditions; len(conditions) > 0 {
		matcher = matchconditions.NewMatcher(condition(listed(conditions, asMatch), all), p.Spec.FailurePolicy, "policy", "validate", p.Name)
	}
	p.validator = validating.NewValidator(condition(listed(p.Spec.Validations, asValidation), all), matcher,
		condition(listed(p.Spec.AuditAnnotations, asAnnotation), all), condition(listed(p.Spec.Validations, asMessage), messages), p.Spec.FailurePolicy, nil)
	p.fields = reads(p.ValidatingAdmissionPolicy)
}

func panicked(fault any) string { return fmt.Sprintf("the API server's library panicked: %v", fault) }

func listed[From, To any](items []From, as func(*From) To) []To {
	made := make([]To, len(items))
	for i := range items {
		made[i] = as(&items[i])
	}
	return made
}

func asMatch(each *v1.MatchCondition) cel.ExpressionAccessor {
	return (*matchconditions.MatchCondition)(each)
}

func asValidation(each *v1.Validation) cel.ExpressionAccessor {
	return &validating.ValidationCondition{Expression: each.Expression, Message: each.Message, Reason: each.Reason}
}

func asAnnotation(each *v1.AuditAnnotation) cel.ExpressionAccessor {
	return &validating.AuditAnnotationCondition{Key: each.Key, ValueExpression: each.ValueExpression}
}

func asMessage(each *v1.Validation) cel.ExpressionAccessor {
	if each.MessageExpression == "" {
		return nil
	}
	return &validating.MessageExpressionCondition{MessageExpression: each.MessageExpression}
}

// mentions reports whether an expression that decides speaks of something; messages may speak of what they like.
func (p *policy) mentions(what *regexp.Regexp) bool {
	return slices.ContainsFunc(p.Spec.MatchConditions, func(each v1.MatchCondition) bool { return what.MatchString(each.Expression) }) ||
		slices.ContainsFunc(p.Spec.Variables, func(each v1.Variable) bool { return what.MatchString(each.Expression) }) ||
		slices.ContainsFunc(p.Spec.Validations, func(each v1.Validation) bool { return what.MatchString(each.Expression) })
}
