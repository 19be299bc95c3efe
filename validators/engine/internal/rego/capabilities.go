package rego

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// impure are functions that reach beyond what they are given, besides those that OPA itself knows to answer differently each time: they ask networks,
// clocks and the process, or fetch what a schema refers to.
var impure = []string{"http.", "net.lookup_ip_addr", "opa.", "io.jwt.", "providers.", "rand.", "uuid.", "time.now_ns", "json.match_schema", "json.verify_schema", "rego."}

// capabilities are the functions that policies may call.
func capabilities() *ast.Capabilities {
	allowed := ast.CapabilitiesForThisVersion()
	allowed.AllowNet = []string{}
	allowed.Builtins = slices.DeleteFunc(slices.Clone(allowed.Builtins), func(each *ast.Builtin) bool {
		return each.Nondeterministic || slices.ContainsFunc(impure, func(name string) bool { return strings.HasPrefix(each.Name, name) })
	})
	return allowed
}
