package quick

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
)

// heads are the head as Kubernetes' decoder reads it, which minds the case of names; and as encoding/json does, which does not.
func heads(t *testing.T, body string) (strict, loose Head) {
	t.Helper()
	var values map[string]any
	if err := json.Unmarshal([]byte(body), &values); err != nil {
		t.Fatal(err)
	}
	metadata, _ := values["metadata"].(map[string]any)
	strict.APIVersion, _ = values["apiVersion"].(string)
	strict.Kind, _ = values["kind"].(string)
	strict.Namespace, _ = metadata["namespace"].(string)
	strict.Name, _ = metadata["name"].(string)
	var read struct {
		APIVersion, Kind any
		Metadata         any
	}
	_ = json.Unmarshal([]byte(body), &read)
	var names struct{ Namespace, Name any }
	if nested, err := json.Marshal(read.Metadata); err == nil {
		_ = json.Unmarshal(nested, &names)
	}
	loose.APIVersion, _ = read.APIVersion.(string)
	loose.Kind, _ = read.Kind.(string)
	loose.Namespace, _ = names.Namespace.(string)
	loose.Name, _ = names.Name.(string)
	return strict, loose
}

func TestTheHeadOfAnObject(t *testing.T) {
	for body, want := range map[string]Head{
		`{"apiVersion":"v1","kind":"A","metadata":{"labels":{"name":"x","a":"}\\\""},"name":"n","namespace":"s"},"spec":[{"kind":"B"}]}`: {"v1", "A", "s", "n"},
		`{"apiVersion":1,"kind":["A"],"metadata":"x"}`: {},
		`{}`:                      {},
		`{"a":"b","metadata":{}}`: {},
		`{"metadata":{"name":"ä","namespace":null},"kind":"A"}`: {"", "A", "", "ä"},
	} {
		if got, plain := ReadHead([]byte(body)); !plain || got != want {
			t.Errorf("%s: %+v %v", body, got, plain)
		}
	}
	for _, body := range []string{``, `null`, `[]`, `"x"`, `{"Kind":"A"}`, `{"apiversion":"v1"}`, `{"metadata":{"Name":"a"}}`, `{"k\u0069nd":"A"}`, `{"kind":"\u0041"}`, `{"kind":"A","kind":"B"}`, `{ "kind":"A"}`, `{"kind": "A"}`, `{"kind":"A" }`, `{"kind":"A", "a":1}`, `{"kind":`, `{"kind"`, `{"metadata":{"name":"a","name":"b"}}`, `{"metadata":{},"metadata":{}}`, "{\"kind\":\"\xff\"}", `{"a`} {
		if got, plain := ReadHead([]byte(body)); plain {
			t.Errorf("%s: %+v", body, got)
		}
	}
}

// TestHeadsAtRandom puts objects together from names and values that may be taken for one another.
func TestHeadsAtRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	names := []string{"apiVersion", "kind", "metadata", "name", "namespace", "Kind", "NAME", "api-version", "APIVERSION", "k\u212Aind", "spec", "k\\u0069nd", ""}
	scalars := []string{`"v1"`, `"a\"b"`, `"}"`, `"{,"`, `1`, `null`, `true`, `""`, `"ä"`}
	var value func(depth int) string
	value = func(depth int) string {
		switch kind := random.IntN(4); {
		case depth == 0 || kind == 0:
			return scalars[random.IntN(len(scalars))]
		case kind == 1:
			return "[" + value(depth-1) + "," + value(depth-1) + "]"
		}
		var members []string
		for range random.IntN(4) {
			members = append(members, `"`+names[random.IntN(len(names))]+`":`+value(depth-1))
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	found := 0
	for range 100_000 {
		body := value(3)
		head, plain := ReadHead([]byte(body))
		if !plain {
			continue
		}
		found++
		if strict, loose := heads(t, body); head != strict || head != loose {
			t.Fatalf("%s: %+v, and not %+v or %+v", body, head, strict, loose)
		}
	}
	if found < 10_000 {
		t.Errorf("only %d heads were read: the test says little", found)
	}
}
