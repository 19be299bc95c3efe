package rego

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

// Limits of an evaluation: longest for all objects of a request together, mostSaid of one object, longestMessage in bytes.
const (
	longest        = 20 * time.Second
	mostSaid       = 100
	longestMessage = 4096
)

// asked are the rules, ready to be asked of many objects at once.
type asked struct {
	queries    []query
	exceptions map[string]rego.PreparedEvalQuery
	fault      atomic.Pointer[string] // why something could not be said
}

type query struct {
	question
	rego.PreparedEvalQuery
}

func prepare(ctx context.Context, compiler *ast.Compiler) (*asked, error) {
	found := &asked{exceptions: map[string]rego.PreparedEvalQuery{}}
	for _, each := range questions(compiler) {
		ready, err := ask(ctx, compiler, "data."+each.path+"."+each.rule)
		if err != nil {
			return nil, err
		}
		found.queries = append(found.queries, query{each, ready})
		if _, there := found.exceptions[each.path]; !there {
			if found.exceptions[each.path], err = ask(ctx, compiler, "data."+each.path+".exception"); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

func ask(ctx context.Context, compiler *ast.Compiler, text string) (rego.PreparedEvalQuery, error) {
	return rego.New(rego.Compiler(compiler), rego.Query(text), rego.Capabilities(compiler.Capabilities())).PrepareForEval(ctx)
}

// evaluate asks all rules about an object. It never panics: what could not be said is noted.
func (a *asked) evaluate(ctx context.Context, body []byte) (said []Said) {
	said = []Said{}
	defer func() {
		if panicked := recover(); panicked != nil {
			a.note(fmt.Sprintf("OPA's library panicked: %v", panicked))
		}
	}()
	var values any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&values) != nil {
		return said
	}
	input, err := ast.InterfaceToValue(values)
	if err != nil {
		return said
	}
	for _, each := range a.queries {
		for _, message := range messages(a.values(ctx, each.PreparedEvalQuery, input)) {
			if len(said) < mostSaid && !a.excepted(ctx, each.question, input) {
				said = append(said, Said{each.path, each.rule, each.warning, message})
			}
		}
	}
	return said
}

// values is what a query gives of an object, as a list; nothing if it is undefined or no set.
func (a *asked) values(ctx context.Context, query rego.PreparedEvalQuery, input ast.Value) []any {
	found, err := query.Eval(ctx, rego.EvalParsedInput(input))
	if err != nil {
		a.note(strings.TrimSpace(err.Error()))
		return nil
	}
	if len(found) == 0 || len(found[0].Expressions) == 0 {
		return nil
	}
	listed, _ := found[0].Expressions[0].Value.([]any)
	return listed
}

// messages are the texts of a set of strings, or of objects with a `msg`.
func messages(values []any) (texts []string) {
	for _, each := range values {
		text, is := each.(string)
		if object, structured := each.(map[string]any); structured {
			text, is = object["msg"].(string)
		}
		if is {
			texts = append(texts, strings.ToValidUTF8(text[:min(len(text), longestMessage)], ""))
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// excepted reports whether an exception of the package names the rule.
func (a *asked) excepted(ctx context.Context, asked question, input ast.Value) bool {
	for _, each := range a.values(ctx, a.exceptions[asked.path], input) {
		if listed, is := each.([]any); is && slices.Contains(listed, any(asked.exempts())) {
			return true
		}
	}
	return false
}

func (a *asked) note(fault string) { a.fault.CompareAndSwap(nil, &fault) }
