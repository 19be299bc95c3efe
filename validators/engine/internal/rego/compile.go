package rego

import (
	"errors"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"gitops-validate/engine/internal/fault"
)

// What is read of policies: largest is the size of a file in bytes, mostErrors how many faults are told.
const (
	largest    = 1 << 20
	mostErrors = 20
)

// compile reads policies. Where any of them is broken, none is asked.
func compile(files []string, texts [][]byte) (compiler *ast.Compiler, failures []fault.Failure) {
	allowed, modules := capabilities(), map[string]*ast.Module{}
	for i, file := range files {
		module, err := parse(file, texts[i], allowed)
		if err != nil {
			failures = append(failures, failuresOf(file, err)...)
		} else if module != nil {
			modules[file] = module
		}
	}
	if len(failures) > 0 {
		return nil, failures[:min(len(failures), mostErrors)]
	}
	compiler = ast.NewCompiler().WithCapabilities(allowed).SetErrorLimit(mostErrors)
	if compiler.Compile(modules); compiler.Failed() {
		return nil, failuresOf("", compiler.Errors)
	}
	return compiler, nil
}

// parse reads a file as Rego of today, or else as that before OPA 1.0. What is said of a broken one is said of today's.
func parse(file string, text []byte, allowed *ast.Capabilities) (module *ast.Module, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("OPA's library panicked: %v", panicked)
		}
	}()
	if len(text) > largest {
		return nil, fmt.Errorf("the file has more than %d bytes", largest)
	}
	module, err = ast.ParseModuleWithOpts(file, string(text), ast.ParserOptions{Capabilities: allowed, RegoVersion: ast.RegoV1})
	if err == nil {
		return module, nil
	}
	if older, fault := ast.ParseModuleWithOpts(file, string(text), ast.ParserOptions{Capabilities: allowed, RegoVersion: ast.RegoV0}); fault == nil {
		return older, nil
	}
	return nil, err
}

func failuresOf(file string, err error) (failures []fault.Failure) {
	var listed ast.Errors
	if !errors.As(err, &listed) {
		return []fault.Failure{{Reason: "rego", Message: err.Error(), Path: file}}
	}
	for _, each := range listed {
		found := fault.Failure{Reason: "rego", Message: strings.TrimSpace(each.Message), Path: file}
		if name, is := strings.CutPrefix(each.Message, "undefined function "); is && known(name) {
			found.Message = fmt.Sprintf("%s may not be called here: policies compute with what they are given, without network, clock, chance or environment", name)
		}
		if each.Location != nil {
			found.Path, found.Line, found.Column = each.Location.File, each.Location.Row, each.Location.Col
		}
		failures = append(failures, found)
	}
	return failures
}

// known reports whether OPA itself has a function.
func known(name string) bool {
	_, there := ast.BuiltinMap[name]
	return there
}
