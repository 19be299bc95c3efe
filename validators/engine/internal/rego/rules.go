package rego

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

var (
	denies = regexp.MustCompile(`^(deny|violation)(_[a-zA-Z0-9_]+)?$`)
	warns  = regexp.MustCompile(`^warn(_[a-zA-Z0-9_]+)?$`)
)

// question is a rule that is asked about objects.
type question struct {
	path    string // of the package, after `data.`
	rule    string
	warning bool
}

// questions are the rules that conftest would ask: those of package main, or of all packages where main has none.
func questions(compiler *ast.Compiler) (found []question) {
	for _, module := range compiler.Modules {
		path := strings.TrimPrefix(module.Package.Path.String(), "data.")
		for _, rule := range module.Rules {
			name := rule.Head.Ref()[0].String()
			each := question{path, name, warns.MatchString(name)}
			if (each.warning || denies.MatchString(name)) && len(rule.Head.Args) == 0 && !slices.Contains(found, each) {
				found = append(found, each)
			}
		}
	}
	if main := slices.DeleteFunc(slices.Clone(found), func(each question) bool { return each.path != "main" }); len(main) > 0 {
		found = main
	}
	slices.SortFunc(found, func(a, b question) int { return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.rule, b.rule)) })
	return found
}

// exempts is what an exception of conftest's names: the rule without its first word.
func (q question) exempts() string {
	_, name, _ := strings.Cut(q.rule, "_")
	return name
}
