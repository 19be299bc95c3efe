package helm

import (
	"fmt"
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/quick"
)

// split reads the documents of one template's output; lists give their items, as they do to kubectl.
func split(template, content string) (parts []part, err error) {
	for _, document := range documents(content) {
		body, err := converted(document)
		if err != nil {
			return nil, because("helm-render", template, fmt.Errorf("YAML parse error on %s: %w", template, err))
		}
		var fields map[string]any
		if err := json.Unmarshal(body, &fields); err != nil {
			return nil, because("helm-render", template, fmt.Errorf("%s: not an object: %w", template, err))
		}
		if len(fields) == 0 {
			continue
		}
		for _, item := range items(fields) {
			one := part{content: unstructured.Unstructured{Object: item}}
			one.Origin.Template, one.Hooks = template, []string{}
			parts = append(parts, one)
		}
	}
	return parts, nil
}

// documents cuts a text where Helm's SplitManifests does, whose pattern takes a while in a long text: at three dashes that begin a line, and the blanks
// behind them.
func documents(content string) (all []string) {
	rest, cut := strings.CutPrefix(strings.TrimLeftFunc(content, unicode.IsSpace), "---")
	for more := true; more; {
		if cut {
			rest = strings.TrimLeft(rest, " \t")
		}
		document := rest
		if at := strings.Index(rest, "\n---"); at >= 0 {
			document, rest, cut = rest[:at+1], rest[at+len("\n---"):], true
		} else {
			more = false
		}
		if document = strings.TrimLeftFunc(document, unicode.IsSpace); document != "" {
			all = append(all, document)
		}
	}
	return all
}

// converted turns a document into JSON.
func converted(document string) ([]byte, error) {
	if body, plain := quick.JSON(document); plain {
		return body, nil
	}
	return yaml.YAMLToJSON([]byte(document))
}

func items(fields map[string]any) (all []map[string]any) {
	kind, _ := fields["kind"].(string)
	list, isList := fields["items"].([]any)
	if !isList || !strings.HasSuffix(kind, "List") {
		return []map[string]any{fields}
	}
	for _, item := range list {
		if one, ok := item.(map[string]any); ok {
			all = append(all, items(one)...)
		}
	}
	return all
}
