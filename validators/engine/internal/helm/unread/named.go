package unread

import (
	"encoding/json"
	"strings"

	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// named enters the keys that a chart declares: in values.yaml, in its schema and for its dependencies.
func (r *Reads) named(chrt *chart.Chart, mount path) {
	here := r.root.at(mount)
	here.defaults(chrt.Values)
	for _, text := range templatesIn(chrt.Values, nil) {
		r.APIVersions = r.APIVersions || asksForAPIs(text)
		r.text(text)
	}
	var document any
	if json.Unmarshal(chrt.Schema, &document) == nil {
		(&schema{document: document}).enter(here, document, 0)
	}
	r.root.at(path{"tags"}).whole = true
	for _, dependency := range chrt.Metadata.Dependencies {
		if dependency != nil {
			r.dependency(chrt, dependency, mount)
		}
	}
}

// defaults enters the keys of values.yaml. Whatever stands where the default is no map replaces it as a whole.
func (k *key) defaults(values map[string]any) {
	for name, value := range values {
		child := k.at(path{name})
		if inner, ok := value.(map[string]any); ok {
			child.defaults(inner)
		} else {
			child.whole = true
		}
	}
}

func (r *Reads) dependency(chrt *chart.Chart, dependency *chart.Dependency, mount path) {
	for condition := range strings.SplitSeq(dependency.Condition, ",") {
		if condition = strings.TrimSpace(condition); condition != "" {
			r.enter(mount.to(strings.Split(condition, ".")...), true)
			r.enter(strings.Split(condition, "."), true) // Helm looks from the root, too
		}
	}
	name, found := dependency.Name, false
	if dependency.Alias != "" {
		name = dependency.Alias
	}
	for _, one := range chrt.Dependencies() {
		found = found || one.Name() == dependency.Name || one.Name() == name
	}
	if !found {
		r.enter(mount.to(name), true) // what it reads cannot be known
	}
	for _, imported := range dependency.ImportValues {
		switch imported := imported.(type) {
		case string:
			r.enter(mount.to(name, "exports", imported), true)
		case map[string]any:
			child, _ := imported["child"].(string)
			r.enter(mount.to(name).to(strings.Split(child, ".")...), true)
		}
	}
}

// schema enters the properties that a JSON Schema names.
type schema struct{ document any }

// deepest ends the walk of a schema that refers to itself.
const deepest = 24

func (s *schema) enter(into *key, node any, depth int) {
	fields, ok := node.(map[string]any)
	if !ok || depth > deepest {
		into.whole = into.whole || depth > deepest
		return
	}
	properties, _ := fields["properties"].(map[string]any)
	for name, property := range properties {
		child := into.at(path{name})
		s.enter(child, property, depth+1)
	}
	if free(fields, properties) && depth > 0 {
		into.whole = true
	}
	if reference, ok := fields["$ref"].(string); ok {
		s.refer(into, reference, depth)
	}
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		alternatives, _ := fields[keyword].([]any)
		for _, alternative := range alternatives {
			s.enter(into, alternative, depth+1)
		}
	}
	for _, keyword := range []string{"if", "then", "else"} {
		s.enter(into, fields[keyword], depth+1)
	}
}

// free says whether a schema allows keys by pattern, or takes whatever is given.
func free(fields, properties map[string]any) bool {
	if _, patterns := fields["patternProperties"]; patterns {
		return true
	}
	if additional, ok := fields["additionalProperties"].(map[string]any); ok {
		return len(additional) > 0
	}
	if kind, typed := fields["type"]; typed && len(properties) == 0 {
		return kind != "object" || fields["additionalProperties"] != false
	}
	return false
}

func (s *schema) refer(into *key, reference string, depth int) {
	place, local := strings.CutPrefix(reference, "#")
	node := s.document
	for _, part := range strings.Split(strings.Trim(place, "/"), "/") {
		fields, ok := node.(map[string]any)
		if !local || !ok {
			into.whole = true
			return
		}
		if part != "" {
			node = fields[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]
		}
	}
	if node == nil {
		into.whole = true
		return
	}
	s.enter(into, node, depth+1)
}
