package sops

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// enclosing is a Secret in plain text that holds a file.
func enclosing(body string) string {
	return "apiVersion: v1\nkind: Secret\nmetadata:\n  name: h\ndata:\n  inner.yaml: " + base64.StdEncoding.EncodeToString([]byte(body)) + "\n"
}

func verifyAll(t *testing.T, body, key string) Verified {
	t.Helper()
	args, _ := json.Marshal(map[string]string{"root": "", "path": "s.yaml"})
	answer, _, err := Verify(context.Background(), &worker.Config{}, wire.Request{Args: args, Blobs: [][]byte{[]byte(body), []byte(key)}})
	if err != nil {
		t.Fatal(err)
	}
	return answer.(Verified)
}

func TestAFileWithinAValueIsOpened(t *testing.T) {
	secret, recipient := identity(t)
	inner := encrypted(t, recipient)
	for name, c := range map[string]struct {
		inner, mac, reason string
	}{
		"as SOPS wrote it": {inner, "valid", ""},
		"renamed":          {strings.Replace(inner, "name: db", "name: dc", 1), "invalid", "mac-mismatch"},
		"moved":            {strings.Replace(inner, " password: ", " passwort: ", 1), "unknown", "value-altered"},
	} {
		t.Run(name, func(t *testing.T) {
			got := verifyAll(t, enclosing(c.inner), secret)
			if len(got.Nested) != 1 || got.Nested[0].Pointer != "/data/inner.yaml" || got.Nested[0].MAC != c.mac || got.Nested[0].Key == "" || reasons(got.Nested[0].Problems) != c.reason {
				t.Fatalf("%+v", got.Nested)
			}
			for _, problem := range got.Nested[0].Problems {
				if problem.Line != 6 || !strings.HasPrefix(problem.Message, prefix) {
					t.Errorf("%+v", problem)
				}
			}
			for _, value := range got.Nested[0].Values {
				if !strings.HasPrefix(value.Pointer, "/data/inner.yaml/stringData/") {
					t.Errorf("%+v", value)
				}
			}
		})
	}
}

func TestAFileWithinAValueSaysWhoReadsIt(t *testing.T) {
	_, recipient := identity(t)
	found := load("s.yaml", []byte(enclosing(encrypted(t, recipient)))).inspect()
	if len(found.Nested) != 1 || found.Nested[0].Recipients[0][0].ID != recipient || len(found.Problems) != 0 {
		t.Fatalf("%+v", found)
	}
	for _, seal := range found.Nested[0].Seals {
		if seal.Line != 6 {
			t.Errorf("%+v", seal)
		}
	}
}

func TestFilesWithOneDataKeyAreKnown(t *testing.T) {
	secret, recipient := identity(t)
	one, other := encrypted(t, recipient), encrypted(t, recipient)
	copied := strings.Replace(one, "name: db", "name: dc", 1)
	inspect := func(body string) Inspection { return load("s.yaml", []byte(body)).inspect() }
	if a, b, c := inspect(one), inspect(copied), inspect(other); a.Copies[0] != b.Copies[0] || a.Copies[0] == c.Copies[0] || len(a.Seals) != 4 {
		t.Errorf("%v %v %v %v", a.Copies, b.Copies, c.Copies, a.Seals)
	}
	_, added := identity(t)
	twice, answer := updateKeys(t, one, secret, added, recipient)
	if answer.Failure != nil {
		t.Fatal(answer.Failure)
	}
	if a, b, c := verifyAll(t, one, secret), verifyAll(t, twice, secret), verifyAll(t, other, secret); a.Key == "" || a.Key != b.Key || a.Key == c.Key {
		t.Errorf("%q %q %q", a.Key, b.Key, c.Key)
	}
}

func TestFilesWithinListsOfSecretsAreSeen(t *testing.T) {
	_, recipient := identity(t)
	inner := base64.StdEncoding.EncodeToString([]byte(encrypted(t, recipient)))
	for name, c := range map[string]struct {
		body  string
		found int
	}{
		"a list":              {"kind: List\nitems:\n- kind: Secret\n  data: {a.yaml: " + inner + "}\n- kind: ConfigMap\n  data: {a.yaml: " + inner + "}\n", 1},
		"a list of Secrets":   {"kind: SecretList\nitems:\n- data: {a.yaml: " + inner + "}\n", 1},
		"a comment in a list": {"kind: List\nitems:\n# first\n- kind: ConfigMap\n- kind: Secret\n  data: {a.yaml: " + inner + "}\n", 1},
		"a deeper value":      {"kind: Secret\ndata:\n  a: {b: " + inner + "}\n", 0},
		"another kind":        {"kind: ConfigMap\ndata: {a.yaml: " + inner + "}\n", 0},
	} {
		if found := load("s.yaml", []byte(c.body)).inspect().Nested; len(found) != c.found {
			t.Errorf("%s: %d", name, len(found))
		}
	}
}
