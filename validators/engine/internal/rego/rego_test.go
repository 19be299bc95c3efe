package rego

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

func judge(t *testing.T, modules map[string]string, objects ...string) result {
	t.Helper()
	var args arguments
	var blobs wire.Blobs
	for name, text := range modules {
		args.Files, blobs = append(args.Files, name), append(blobs, []byte(text))
	}
	for _, object := range objects {
		blobs = append(blobs, []byte(object))
	}
	written, _ := json.Marshal(args)
	answer, _, err := Judge(context.Background(), &worker.Config{}, wire.Request{Op: "rego", Args: written, Blobs: blobs})
	if err != nil {
		t.Fatal(err)
	}
	return answer.(result)
}

// TestRulesAreAskedAsConftestDoes pins which rules are asked, and what they may give.
func TestRulesAreAskedAsConftestDoes(t *testing.T) {
	const pod = `{"kind": "Pod", "metadata": {"name": "a", "uid": 12345678901234567890}}`
	for name, each := range map[string]struct {
		modules map[string]string
		want    []string
	}{
		"a set of texts":     {map[string]string{"a.rego": "package main\n\ndeny contains msg if {\n\tinput.kind == \"Pod\"\n\tmsg := sprintf(\"no %s\", [input.metadata.name])\n}\n"}, []string{"main.deny: no a"}},
		"before OPA 1.0":     {map[string]string{"a.rego": "package main\n\ndeny[msg] {\n\tinput.kind == \"Pod\"\n\tmsg := \"old\"\n}\n"}, []string{"main.deny: old"}},
		"with a suffix":      {map[string]string{"a.rego": "package main\n\nviolation_x contains {\"msg\": \"x\", \"details\": {}} if true\n\nwarn_y contains \"y\" if true\n\ndenying contains \"z\" if true\n"}, []string{"main.violation_x: x", "main.warn_y: y (warning)"}},
		"what is no set":     {map[string]string{"a.rego": "package main\n\ndeny := true\n\nwarn contains {\"message\": \"x\"} if true\n\nviolation(x) := x\n"}, nil},
		"main before others": {map[string]string{"a.rego": "package main\n\ndeny contains msg if some msg in data.lib.deny\n", "lib.rego": "package lib\n\ndeny contains \"inner\" if true\n"}, []string{"main.deny: inner"}},
		"others without it":  {map[string]string{"a.rego": "package kubernetes.images\n\ndeny contains \"image\" if true\n"}, []string{"kubernetes.images.deny: image"}},
		"an exception":       {map[string]string{"a.rego": "package main\n\ndeny_root contains \"root\" if true\n\ndeny_other contains \"other\" if true\n\nexception contains rules if {\n\tinput.metadata.name == \"a\"\n\trules := [\"root\"]\n}\n"}, []string{"main.deny_other: other"}},
		"no input is read":   {map[string]string{"a.rego": "package main\n\ndeny contains \"x\" if data.secret\n"}, nil},
		"nothing":            {map[string]string{}, nil},
	} {
		answer := judge(t, each.modules, pod)
		var said []string
		for _, one := range answer.Objects[0] {
			text := one.Package + "." + one.Rule + ": " + one.Message
			if one.Warning {
				text += " (warning)"
			}
			said = append(said, text)
		}
		if !slices.Equal(said, each.want) || len(answer.Failures) > 0 || answer.Unknown != "" {
			t.Errorf("%s: %q, not %q; %v %s", name, said, each.want, answer.Failures, answer.Unknown)
		}
	}
}

// TestPoliciesComputeAndNothingElse names functions that no policy may call.
func TestPoliciesComputeAndNothingElse(t *testing.T) {
	for _, call := range []string{
		`http.send({"method": "GET", "url": "http://127.0.0.1/"})`, `net.lookup_ip_addr("localhost")`, `opa.runtime()`, `time.now_ns()`, `rand.intn("a", 9)`,
		`uuid.rfc4122("a")`, `io.jwt.decode_verify("a", {})`, `json.match_schema({}, {"$ref": "http://127.0.0.1/"})`, `rego.parse_module("a", "b")`, `providers.aws.sign_req({}, {}, 1)`,
	} {
		answer := judge(t, map[string]string{"policy/a.rego": "package main\n\ndeny contains \"x\" if {\n\tx := " + call + "\n\tx\n}\n"}, "{}")
		if len(answer.Failures) == 0 || answer.Failures[0].Path != "policy/a.rego" || answer.Failures[0].Line != 4 || !strings.Contains(answer.Failures[0].Message, "may not be called here") {
			t.Errorf("%s: %+v", call, answer)
		}
	}
}

// TestBrokenPoliciesAreToldAtTheirLine pins where faults are said to be.
func TestBrokenPoliciesAreToldAtTheirLine(t *testing.T) {
	for text, want := range map[string]string{
		"package main\n\ndeny contains msg if {\n\tmsg := nothing(input)\n}\n": "4 undefined function nothing",
		"package main\n\ndeny contains msg if {\n\tmsg = \n}\n":                "5 unexpected",
		"deny if true\n": "1 package expected",
		"package main\n\ndeny contains x if { input.a }\n":               "3 var x is unsafe",
		"package main\n#" + strings.Repeat("x", largest):                 "0 the file has more than",
		"package main\n\ndeny contains \"a\" if data.main.deny[\"b\"]\n": "3 rule data.main.deny is recursive",
	} {
		answer := judge(t, map[string]string{"a.rego": text}, "{}")
		if len(answer.Failures) == 0 || !strings.HasPrefix(fmt.Sprintf("%d %s", answer.Failures[0].Line, answer.Failures[0].Message), want) {
			t.Errorf("%.60q: %+v, not %q", text, answer.Failures, want)
		}
	}
}

// TestAPolicyThatTakesForEverIsStopped and is no verdict.
func TestAPolicyThatTakesForEverIsStopped(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second/2)
	defer cancel()
	endless := "package main\n\ndeny contains \"x\" if {\n\tr := numbers.range(1, 20000)\n\tsome a in r\n\tsome b in r\n\tsome c in r\n\ta + b + c == 0\n}\n"
	compiler, failures := compile([]string{"a.rego"}, [][]byte{[]byte(endless)})
	if failures != nil {
		t.Fatal(failures)
	}
	ready, err := prepare(ctx, compiler)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if said := ready.evaluate(ctx, []byte("{}")); len(said) > 0 || ready.fault.Load() == nil || time.Since(began) > 5*time.Second {
		t.Errorf("%v after %s: %v", said, time.Since(began), ready.fault.Load())
	}
}
