package kustomize

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func withData(lines ...string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  " + strings.Join(lines, "\n  ") + "\n"
}

func TestSubstitutionIsThatOfFlux(t *testing.T) {
	given := map[string]any{"substitute": true, "variables": map[string]string{"a": "1", "word": "two", "lines": "x\ny"}}
	for line, want := range map[string]string{
		`k: "${a}"`: `"k":1`, `k: v${a}`: `"k":"v1"`, `k: "${#word}"`: `"k":3`, `k: ${none:-d}`: `"k":"d"`, `k: ${none:=${word}}`: `"k":"two"`, `k: ${word/t/T}`: `"k":"Two"`, `k: ${lines}`: `"k":"xy"`,
		`k: $${a}`: `"k":"${a}"`, `k: $a`: `"k":"$a"`, `k: "{{ $a }}"`: `"k":"{{ $a }}"`, `${word}: v`: `"two":"v"`,
	} {
		got := ask(t, checkout(t, map[string]string{"a/x.yaml": withData(line)}), "a", nil, given)
		if got.Failure != nil {
			t.Errorf("%s: %+v", line, got.Failure)
			continue
		}
		if body, _ := json.Marshal(got.bodies[0]["data"]); string(body) != "{"+want+"}" {
			t.Errorf("%s: %s", line, body)
		}
	}
}

func TestNothingIsSubstituted(t *testing.T) {
	label := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, labels: {kustomize.toolkit.fluxcd.io/substitute: disabled}}\ndata: {k: '${a}'}\n"
	one := map[string]string{"a": "1"}
	for name, c := range map[string]struct {
		content string
		more    map[string]any
	}{
		"with a label":      {label, map[string]any{"substitute": true, "variables": one}},
		"without postBuild": {withData("k: ${a}"), map[string]any{"substitute": false, "variables": one}},
		"without variables": {withData("k: ${a}"), map[string]any{"substitute": true}},
	} {
		got := ask(t, checkout(t, map[string]string{"a/x.yaml": c.content}), "a", nil, c.more)
		if got.Failure != nil || got.bodies[0]["data"].(map[string]any)["k"] != "${a}" || len(got.Objects[0].Variables) > 0 {
			t.Errorf("%s: %+v %v", name, got.Failure, got.bodies)
		}
	}
	always := map[string]any{"postBuild": map[string]any{"substituteStrategy": "Always"}}
	got := ask(t, checkout(t, map[string]string{"a/x.yaml": withData("k: ${a:=d}")}), "a", always, map[string]any{"substitute": true})
	if got.Failure != nil || got.bodies[0]["data"].(map[string]any)["k"] != "d" {
		t.Errorf("always: %+v %v", got.Failure, got.bodies)
	}
}

func TestAnObjectTellsTheVariablesThatItUses(t *testing.T) {
	content := withData("k: ${b} ${a^^} $${escaped} ${none:=${inner}} ${secret}")
	given := map[string]any{"substitute": true, "variables": map[string]string{"a": "1", "b": "2", "inner": "3", "unused": "4"}, "unknown_variables": []string{"secret", "a"}}
	got := ask(t, checkout(t, map[string]string{"a/x.yaml": content, "a/y.yaml": named("y")}), "a", nil, given)
	if got.Failure != nil || got.bodies[0]["data"].(map[string]any)["k"] != "2 1 ${escaped} 3 encrypted" {
		t.Fatalf("%+v %v", got.Failure, got.bodies)
	}
	if !slices.Equal(got.Objects[0].Variables, []string{"a", "b", "inner", "none", "secret"}) || len(got.Objects[1].Variables) > 0 {
		t.Errorf("%v %v", got.Objects[0].Variables, got.Objects[1].Variables)
	}
}

func TestALenientSubstitutionMakesNothingOfWhatIsNotSetAndTellsOfIt(t *testing.T) {
	given := map[string]any{"substitute": true, "variables": map[string]string{"a": "1"}, "lenient": true}
	files := map[string]string{"a/x.yaml": withData("one: v${a}${none}", "two: x${other^^}${with:-d}${none}"), "a/y.yaml": withData("k: ${with:=d}.")}
	files["a/y.yaml"] = strings.Replace(files["a/y.yaml"], "name: x", "name: y", 1)
	got := ask(t, checkout(t, files), "a", nil, given)
	if got.Failure != nil {
		t.Fatalf("%+v", got.Failure)
	}
	for i, want := range []string{`{"one":"v1","two":"xd"}`, `{"k":"d."}`} {
		if body, _ := json.Marshal(got.bodies[i]["data"]); string(body) != want {
			t.Errorf("%s", body)
		}
	}
	told := []string{}
	for _, each := range got.Emptied {
		told = append(told, fmt.Sprintf("%s %s:%d", each.Field, each.Path, each.Line))
	}
	if !slices.Equal(told, []string{"none a/x.yaml:5", "other a/x.yaml:6"}) {
		t.Errorf("%v", told)
	}
	if strict := ask(t, checkout(t, map[string]string{"a/x.yaml": withData("k: ${a}")}), "a", nil, given); len(strict.Emptied) > 0 {
		t.Errorf("%v", strict.Emptied)
	}
}

func TestAnUnsetVariableIsFoundWhereItStands(t *testing.T) {
	given := map[string]any{"substitute": true, "variables": map[string]string{"a": "1"}}
	for name, c := range map[string]struct {
		files map[string]string
		at    string
		line  int
	}{
		"in the object":          {map[string]string{"a/x.yaml": withData("one: ${a}", "two: ${none}")}, "a/x.yaml", 6},
		"behind an operator":     {map[string]string{"a/x.yaml": withData("one: ${none^^}")}, "a/x.yaml", 5},
		"in a patch":             {map[string]string{"a/kustomization.yaml": "resources: [x.yaml]\npatches: [{path: p.yaml}]\n", "a/x.yaml": withData("one: x"), "a/p.yaml": withData("two: ${none}")}, "a/p.yaml", 5},
		"in an inline patch":     {map[string]string{"a/kustomization.yaml": "resources: [x.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: |\n    - {op: add, path: /data/b, value: '${none}'}\n", "a/x.yaml": withData("one: x")}, "a/kustomization.yaml", 5},
		"in a generator's file":  {map[string]string{"a/kustomization.yaml": "configMapGenerator: [{name: c, files: [f]}]\n", "a/f": "x\ny\n${none}\n"}, "a/f", 3},
		"in a generator's entry": {map[string]string{"a/kustomization.yaml": "configMapGenerator:\n- name: c\n  literals: ['k=${none}']\n"}, "a/kustomization.yaml", 3},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, checkout(t, c.files), "a", nil, given)
			if got.Failure == nil || got.Failure.Reason != "unset-variable" || got.Failure.Field != "none" || got.Failure.Path != c.at || got.Failure.Line != c.line {
				t.Errorf("%+v", got.Failure)
			}
		})
	}
}

func TestNoValueOfAVariableStandsInAMessage(t *testing.T) {
	for _, value := range []string{"hunter2: {", "hunter2: &a *b", "- hunter2", "\thunter2: [", "${hunter2"} {
		got := ask(t, checkout(t, map[string]string{"a/x.yaml": withData("k: ${a}", "${a}")}), "a", nil, map[string]any{"substitute": true, "variables": map[string]string{"a": value}})
		if got.Failure != nil && strings.Contains(got.Failure.Message, "hunter2") {
			t.Errorf("%s: %+v", value, got.Failure)
		}
	}
	for _, name := range []string{"a-b", "1a", "", "a b", "a\nb", "ä"} {
		got := ask(t, checkout(t, map[string]string{"a/x.yaml": named("x")}), "a", nil, map[string]any{"substitute": true, "variables": map[string]string{name: "v"}})
		if got.Failure == nil || got.Failure.Reason != "invalid-variable" || got.Failure.Field != name {
			t.Errorf("%q: %+v", name, got.Failure)
		}
	}
}

func TestAMalformedVariableIsFoundInItsObject(t *testing.T) {
	content := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fine}\ndata: {k: '${a}'}\n---\n" + withData("k: ${a}", "l: $${b-c}", "m: x${a}${a-b}")
	got := ask(t, checkout(t, map[string]string{"a/x.yaml": content}), "a", nil, map[string]any{"substitute": true, "variables": map[string]string{"a": "1"}})
	if got.Failure == nil || got.Failure.Path != "a/x.yaml" || got.Failure.Line != 12 || got.Failure.Column != 11 {
		t.Errorf("%+v", got.Failure)
	}
}
