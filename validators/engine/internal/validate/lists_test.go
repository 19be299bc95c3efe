package validate

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/validate/custom"
	"gitops-validate/engine/internal/validate/merging"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// merged is a list of a kind, and what identifies its items: keys, "set", or "" for a list that is replaced as a whole.
type merged struct{ apiVersion, kind, path, by string }

var lists = []merged{
	{"apps/v1", "Deployment", "spec.template.spec.containers", "name"},
	{"apps/v1", "Deployment", "spec.template.spec.containers.*.ports", "containerPort,protocol=TCP"},
	{"apps/v1", "Deployment", "spec.template.spec.containers.*.env", "name"},
	{"apps/v1", "Deployment", "spec.template.spec.containers.*.volumeMounts", "mountPath"},
	{"apps/v1", "Deployment", "spec.template.spec.containers.*.args", ""},
	{"apps/v1", "Deployment", "spec.template.spec.tolerations", ""},
	{"apps/v1", "Deployment", "spec.template.spec.topologySpreadConstraints", "topologyKey,whenUnsatisfiable"},
	{"apps/v1", "Deployment", "metadata.finalizers", "set"},
	{"apps/v1", "StatefulSet", "spec.volumeClaimTemplates", ""},
	{"v1", "Service", "spec.ports", "port,protocol=TCP"},
	{"v1", "ServiceAccount", "secrets", "name"},
	{"networking.k8s.io/v1", "NetworkPolicy", "spec.ingress", ""},
	{"rbac.authorization.k8s.io/v1", "Role", "rules", ""},
	{"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "webhooks", "name"},
	{"gateway.networking.k8s.io/v1", "Gateway", "spec.listeners", "name"},
	{"gateway.networking.k8s.io/v1", "HTTPRoute", "spec.rules", ""},
	{"example.org/v1", "Widget", "spec.parts", "id"},
	{"example.org/v1", "Widget", "spec.parts.*.tags", "set"},
	{"example.org/v1", "Widget", "spec.byName.*.parts", "id"},
	{"example.org/v1", "Widget", "spec.whole.parts", ""},
}

// widget has a list by a key, in it a set, the former again in a map of anything, and in a map that is replaced as a whole.
const widget = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                parts: &parts
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [id]
                  items:
                    type: object
                    required: [id]
                    properties:
                      id: {type: string}
                      tags: {type: array, x-kubernetes-list-type: set, items: {type: string}}
                byName: {type: object, additionalProperties: {type: object, properties: {parts: *parts}}}
                whole: {type: object, x-kubernetes-map-type: atomic, properties: {parts: *parts}}
`

// TestListsAreMergedAsTheirKindSays pins what Kubernetes' OpenAPI, and definitions, say of lists.
func TestListsAreMergedAsTheirKindSays(t *testing.T) {
	body, err := yaml.YAMLToJSON([]byte(widget))
	if err != nil {
		t.Fatal(err)
	}
	define := wire.Request{Args: json.RawMessage(`{"digest": "widgets"}`), Blobs: [][]byte{body}}
	if _, _, err := custom.Define(context.Background(), &worker.Config{}, define); err != nil {
		t.Fatal(err)
	}
	for _, each := range lists {
		if by := identified(typesFor(t, each.apiVersion, each.kind), each.path); by != each.by {
			t.Errorf("%s %s: merged by %q, not by %q", each.kind, each.path, by, each.by)
		}
	}
}

// TestOfAKindThatNothingDefinesNothingIsSaid shows that not to know is not the same as to have nothing to merge.
func TestOfAKindThatNothingDefinesNothingIsSaid(t *testing.T) {
	if types := typesFor(t, "example.org/v1", "Gadget"); types != nil {
		t.Errorf("said: %v", types)
	}
	if types := typesFor(t, "apps/v2", "Deployment"); types != nil {
		t.Errorf("said: %v", types)
	}
}

// TestItemsThatOnlyMoveAreAChange shows why the order counts even where items are merged one by one: an apply brings its own.
func TestItemsThatOnlyMoveAreAChange(t *testing.T) {
	const pod = `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "b"}, "spec": {"containers": [{"name": "c", "image": "d", "env": [%s]}]}}`
	one, other := `{"name": "A", "value": "1"}`, `{"name": "B", "value": "2"}`
	verdict := update(t, []replacement{{before: with(pod, one+","+other), after: with(pod, other+","+one)}})[0]
	// a Pod's variables cannot be changed: were they the same to the server in another order, it would take the update
	if verdict.Verdict != "rejected" {
		t.Errorf("%v", verdict)
	}
}

func typesFor(t *testing.T, apiVersion, kind string) []merging.Node {
	t.Helper()
	args, _ := json.Marshal(map[string]any{"apiVersion": apiVersion, "kind": kind, "definitions": []string{"widgets"}})
	result, _, err := Lists(context.Background(), &worker.Config{APIServer: worker.APIServer{KubeVersion: "1.37"}, Schemas: []string{bundle}}, wire.Request{Args: args})
	if err != nil {
		t.Fatal(err)
	}
	return result.(map[string]any)["types"].([]merging.Node)
}

// identified follows a path, in which * stands for an item and for any key.
func identified(types []merging.Node, path string) string {
	if len(types) == 0 {
		return "nothing is said"
	}
	node := types[0]
	for step := range strings.SplitSeq(path, ".") {
		next, there := node.Fields[step]
		for _, below := range []*int{node.Items, node.Values} {
			if step == "*" && below != nil {
				next, there = *below, true
			}
		}
		if !there {
			return ""
		}
		node = types[next]
	}
	if node.Set {
		return "set"
	}
	keys := slices.Clone(node.Keys)
	for i, key := range keys {
		if value, is := node.Defaults[key].(string); is {
			keys[i] += "=" + value
		}
	}
	return strings.Join(keys, ",")
}
