package sops

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

func TestEqualValuesHaveEqualFingerprints(t *testing.T) {
	key, recipient := identity(t)
	digests := func(text, key string) map[string]string {
		body, failure := encrypt(t, "s.yaml", text, choice, []string{recipient})
		if failure != nil {
			t.Fatal(failure)
		}
		found := map[string]string{}
		for _, value := range verify(t, "s.yaml", body, key).Values {
			found[value.Pointer] = value.Digest
		}
		return found
	}
	text := "kind: Secret\nmetadata: {name: correct-horse}\nstringData:\n  a: correct-horse\n  b: correct-horse\n  c: another-horse\n  short: horse\n"
	first, second := digests(text, key), digests(text, key)
	if len(first) != 3 || first["/stringData/a"] != first["/stringData/b"] || first["/stringData/a"] == first["/stringData/c"] {
		t.Errorf("%v", first)
	}
	if first["/stringData/a"] != second["/stringData/a"] {
		t.Errorf("%v %v", first, second)
	}
	other, _ := identity(t)
	if more := digests(text, other+"\n"+key); more["/stringData/a"] == first["/stringData/a"] {
		t.Error("a fingerprint does not depend on the keys")
	}
}

func TestTheFormatMayBeSaid(t *testing.T) {
	text := "a=ENC[AES256_GCM,data:AAAA,iv:AA==,tag:AA==,type:str]\nsops_mac=x\n"
	for format, want := range map[string]string{"dotenv": "dotenv", "": "binary", "other": "binary"} {
		args, _ := json.Marshal(map[string]string{"root": "", "path": "secret", "format": format})
		answer, _, err := Inspect(context.Background(), &worker.Config{}, wire.Request{Args: args, Blobs: [][]byte{[]byte(text)}})
		if err != nil || answer.(Inspection).Format != want || (want == "dotenv") != strings.Contains(reasons(answer.(Inspection).Problems), "no-recipients") {
			t.Errorf("%q: %+v %v", format, answer, err)
		}
	}
}
