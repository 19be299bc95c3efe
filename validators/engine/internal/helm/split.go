package helm

import (
	"fmt"
	"strings"

	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// split reads the documents of one template's output; lists give their items, as they do to kubectl.
func split(template, content string) (parts []part, err error) {
	documents := releaseutil.SplitManifests(content)
	for i := range len(documents) {
		body, err := yaml.YAMLToJSON([]byte(documents[fmt.Sprintf("manifest-%d", i)]))
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
