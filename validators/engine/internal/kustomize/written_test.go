package kustomize

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestACharacterThatKustomizeCannotWriteFailsTheBuild(t *testing.T) {
	for _, written := range []string{`"a\x7f"`, "a\u007f", `"a\u0080"`} {
		content := named("fine") + "---\n" + withData("k: fine", "l: "+written)
		got := ask(t, checkout(t, map[string]string{"a/x.yaml": content, "a/kustomization.yaml": "resources: [x.yaml]\n"}), "a", nil, nil)
		if got.Failure == nil || got.Failure.Reason != "kustomize-build" {
			t.Errorf("%q: %+v %v", written, got.Failure, got.bodies)
		}
	}
	content := named("fine") + "---\n" + withData("k: fine", `l: "a\x7f"`)
	got := ask(t, checkout(t, map[string]string{"a/x.yaml": content}), "a", nil, nil)
	want := strings.Count(content, "\n")
	if got.Failure == nil || got.Failure.Path != "a/x.yaml" || got.Failure.Line != want || !strings.Contains(got.Failure.Message, "ConfigMap/x holds a character that kustomize cannot write") {
		t.Errorf("%+v", got.Failure)
	}
}

func TestALineBreakOfUnicodeIsFolded(t *testing.T) {
	got := ask(t, checkout(t, map[string]string{"a/x.yaml": withData(`k: "a\u0085b"`, `l: "a\u00a0b\u2028c"`)}), "a", nil, nil)
	if got.Failure != nil {
		t.Fatal(got.Failure)
	}
	if body, _ := json.Marshal(got.bodies[0]["data"]); string(body) != "{\"k\":\"a b\",\"l\":\"a\u00a0b\\u2028c\"}" {
		t.Errorf("%s", body)
	}
}

func TestLabelsOfWhichOneIsNoTextAreLost(t *testing.T) {
	for labels, want := range map[string]string{`{a: 1, b: two}`: "null", `{a: true}`: "null", `[a]`: "null", `{a: null, b: two}`: `{"a":"","b":"two"}`, `{b: two}`: `{"b":"two"}`} {
		content := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, labels: " + labels + "}\n"
		got := ask(t, checkout(t, map[string]string{"a/x.yaml": content}), "a", nil, nil)
		if got.Failure != nil {
			t.Errorf("%s: %+v", labels, got.Failure)
			continue
		}
		if lost := len(got.Objects[0].Lost) > 0; lost != (strings.Contains(labels, "1") || strings.Contains(labels, "true")) {
			t.Errorf("%s: %v", labels, got.Objects[0].Lost)
		}
		kept := got.bodies[0]["metadata"].(map[string]any)["labels"].(map[string]any)
		delete(kept, ownerGroup+"/name")
		delete(kept, ownerGroup+"/namespace")
		if len(kept) == 0 {
			kept = nil
		}
		if body, _ := json.Marshal(kept); string(body) != want {
			t.Errorf("%s: %s", labels, body)
		}
	}
}

func TestTheKustomizationIsThatOfFlux(t *testing.T) {
	files := map[string]string{
		"a/kustomization.yaml": "resources: [x.yaml]\nlabels: [{pairs: {t: '1'}, includeTemplates: true}]\n",
		"a/x.yaml":             "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: x}\nspec:\n  template: {}\n  volumeClaimTemplates: [{metadata: {name: d}}]\n",
	}
	got := ask(t, checkout(t, files), "a", nil, nil)
	if got.Failure != nil {
		t.Fatal(got.Failure)
	}
	claims := got.bodies[0]["spec"].(map[string]any)["volumeClaimTemplates"]
	if body, _ := json.Marshal(claims); string(body) != `[{"metadata":{"labels":{"t":"1"},"name":"d"}}]` {
		t.Errorf("%s: kustomize v5.8.1 labels claims, which are immutable", body)
	}
}

func TestTextsAreThoseThatKustomizeWrites(t *testing.T) {
	thing := "apiVersion: example.test/v1\nkind: Thing\nmetadata: {name: x}\nspec:\n  day: 2001-01-01\n  fold: >\n    a\n    b\n\n      more\n\n    c\n  big: 12345678901234567\n"
	asJSON := "patches:\n  - target: {kind: Thing}\n    patch: '[{\"op\": \"test\", \"path\": \"/kind\", \"value\": \"Thing\"}]'\n"
	patch := "  - patch: |\n      apiVersion: example.test/v1\n      kind: Thing\n      metadata: {name: x}\n      spec: {day: 2002-02-02}\n"
	for overlay, want := range map[string]string{
		"":             `{"big":12345678901234567,"day":"2001-01-01T00:00:00Z","fold":"a b\n\n\n  more\n\nc\n"}`,
		asJSON + patch: `{"big":12345678901234567,"day":"2002-02-02","fold":"a b\n\n\n  more\n\nc\n"}`,
	} {
		got := ask(t, checkout(t, map[string]string{"a/x.yaml": thing, "a/kustomization.yaml": "resources: [x.yaml]\n" + overlay}), "a", nil, nil)
		if got.Failure != nil {
			t.Fatal(got.Failure)
		}
		numbers := got.bodies[0]["spec"].(map[string]any)
		numbers["big"] = json.Number("12345678901234567")
		if body, _ := json.Marshal(numbers); string(body) != want {
			t.Errorf("%s", body)
		}
	}
}
