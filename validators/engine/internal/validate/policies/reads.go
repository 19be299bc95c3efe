package policies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	v1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apiserver/pkg/cel/environment"
)

// deepest is how many variables deep a route is followed, mostSteps how many expressions are looked at for one validation.
const (
	deepest   = 20
	mostSteps = 10_000
)

// readings are the fields of the object that expressions read; variables are followed.
type readings struct {
	variables map[string]ast.NavigableExpr
	found     [][]string
	steps     int
}

// reads gives for each validation the field that all of its reading lies in, as the API server writes a path; "" if that is the object.
func reads(policy *v1.ValidatingAdmissionPolicy) []string {
	variables := map[string]ast.NavigableExpr{}
	for _, each := range policy.Spec.Variables {
		if parsed := parse(each.Expression); parsed != nil {
			variables[each.Name] = parsed
		}
	}
	fields := make([]string, len(policy.Spec.Validations))
	for i, each := range policy.Spec.Validations {
		if parsed := parse(each.Expression); parsed != nil {
			reading := &readings{variables: variables}
			reading.visit(parsed)
			fields[i] = Path(reading.common())
		}
	}
	return fields
}

func parse(expression string) ast.NavigableExpr {
	env, err := baseEnvironment().Env(environment.StoredExpressions)
	if err != nil {
		return nil
	}
	parsed, issues := env.Parse(expression)
	if issues.Err() != nil {
		return nil
	}
	return ast.NavigateAST(parsed.NativeRep())
}

// visit notes the longest routes into the object.
func (r *readings) visit(expression ast.NavigableExpr) {
	if r.steps++; r.steps > mostSteps {
		return
	}
	if route, is := r.route(expression, 0); is {
		r.found = append(r.found, route)
		return
	}
	if variable := r.variable(expression); variable != nil {
		r.visit(variable)
		return
	}
	for _, below := range expression.Children() {
		r.visit(below)
	}
}

// route is that of `object.spec.x`, of `object.metadata.labels['x']`, or of a variable that stands for such.
func (r *readings) route(expression ast.Expr, depth int) (route []string, is bool) {
	if depth > deepest {
		return nil, false
	}
	switch expression.Kind() {
	case ast.IdentKind:
		return nil, expression.AsIdent() == "object"
	case ast.SelectKind:
		if variable := r.variable(expression); variable != nil {
			return r.route(variable, depth+1)
		}
		above, is := r.route(expression.AsSelect().Operand(), depth)
		return append(slices.Clone(above), expression.AsSelect().FieldName()), is
	case ast.CallKind:
		call := expression.AsCall()
		if !slices.Contains([]string{"_[_]", "_?._", "_[?_]"}, call.FunctionName()) || len(call.Args()) != 2 || call.Args()[1].Kind() != ast.LiteralKind {
			return nil, false
		}
		above, is := r.route(call.Args()[0], depth)
		switch step := call.Args()[1].AsLiteral().(type) {
		case types.String:
			return append(slices.Clone(above), string(step)), is
		case types.Int:
			return append(slices.Clone(above), fmt.Sprint(int64(step))), is
		}
	}
	return nil, false
}

// variable is the expression behind `variables.x`.
func (r *readings) variable(expression ast.Expr) ast.NavigableExpr {
	if expression.Kind() != ast.SelectKind {
		return nil
	}
	operand := expression.AsSelect().Operand()
	if operand.Kind() != ast.IdentKind || operand.AsIdent() != "variables" {
		return nil
	}
	return r.variables[expression.AsSelect().FieldName()]
}

// common is what all routes have in common. What an object is called, or where it lies, says less about what is wrong with it than anything else.
func (r *readings) common() []string {
	told := r.found
	for _, names := range [][]string{{"kind", "apiVersion"}, {"metadata"}} {
		if others := without(told, names); len(others) > 0 {
			told = others
		}
	}
	if len(told) == 0 {
		return nil
	}
	shared := told[0]
	for _, route := range told[1:] {
		for i := range shared {
			if i >= len(route) || route[i] != shared[i] {
				shared = shared[:i]
				break
			}
		}
	}
	return shared
}

func without(routes [][]string, first []string) [][]string {
	return slices.DeleteFunc(slices.Clone(routes), func(route []string) bool { return len(route) > 0 && slices.Contains(first, route[0]) })
}

// Path writes a route as the API server might.
func Path(route []string) string {
	var written strings.Builder
	for _, step := range route {
		fmt.Fprintf(&written, "[%s]", step)
	}
	return written.String()
}
