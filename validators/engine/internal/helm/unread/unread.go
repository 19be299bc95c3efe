// Package unread finds the values that a release gives to a chart and that nothing in the chart reads.
//
// It is sure or silent. A key is reported only when neither a values.yaml, a schema nor a template names it, and nothing takes one of its
// ancestors as a whole. What it cannot follow counts as reading everything below.
//
//  1. Every template is evaluated with paths instead of values (template.go, functions.go).
//  2. What a template reads is entered into a tree of keys, once for each place where the values of its chart may stand (tree.go, charts.go).
//  3. The keys of values.yaml, of the schema and of dependencies join them (named.go).
//  4. The given values are walked along that tree.
package unread

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// Reads is what a chart and those in it read of their values.
type Reads struct {
	APIVersions bool // whether a template asks which APIs the cluster has
	root        *key
	mounts      []path // of all charts
}

// Walk reads a chart as it was loaded, before Helm drops disabled dependencies.
func Walk(chrt *chart.Chart) *Reads {
	reads := &Reads{root: &key{}}
	reads.mounts = mountsOf(chrt, []path{{}})
	reads.chart(chrt, []path{{}})
	return reads
}

// Unread returns JSON Pointers to the topmost keys that are read by nothing.
func (r *Reads) Unread(values map[string]any) []string {
	root := r.root
	if templates := templatesIn(values, nil); len(templates) > 0 {
		own := &Reads{root: r.root.clone(), mounts: r.mounts}
		for _, text := range templates {
			own.text(text)
		}
		root = own.root
	}
	found := []string{}
	collect(values, root, "", &found)
	return found
}

func collect(values map[string]any, known *key, pointer string, found *[]string) {
	if known.whole {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		child, here := known.children[name], pointer+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		if child == nil {
			*found = append(*found, here)
			continue
		}
		if inner, ok := values[name].(map[string]any); ok && len(child.children) > 0 {
			collect(inner, child, here, found)
		}
	}
}

// capabilities finds a mention of the cluster's abilities, and what is asked of them.
var capabilities = regexp.MustCompile(`\bCapabilities\b(\.KubeVersion\b|\.HelmVersion\b)?`)

// asksForAPIs says whether a template names Capabilities.APIVersions, or hands Capabilities on.
func asksForAPIs(text string) bool {
	for _, mention := range capabilities.FindAllStringSubmatch(text, -1) {
		if mention[1] == "" {
			return true
		}
	}
	return false
}

// MentionsAPIVersions says whether a text among values, which a chart may render with tpl, asks for the cluster's APIs.
func MentionsAPIVersions(values map[string]any) bool {
	return slices.ContainsFunc(templatesIn(values, nil), asksForAPIs)
}

// templatesIn gathers the texts among values that hold template actions.
func templatesIn(value any, found []string) []string {
	switch value := value.(type) {
	case map[string]any:
		for name, child := range value {
			found = templatesIn(name, templatesIn(child, found))
		}
	case []any:
		for _, child := range value {
			found = templatesIn(child, found)
		}
	case string:
		if strings.Contains(value, "{{") {
			found = append(found, value)
		}
	}
	return found
}
