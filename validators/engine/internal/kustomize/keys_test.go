package kustomize

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/getsops/sops/v3/cmd/sops/formats"

	"gitops-validate/engine/internal/sops"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

const secretText = "apiVersion: v1\nkind: Secret\nmetadata:\n    name: s\nstringData:\n    password: correct-horse\n    port: \"5432\"\n"

// sealer encrypts for one identity.
type sealer struct {
	t        *testing.T
	identity *age.X25519Identity
}

func newSealer(t *testing.T) sealer {
	t.Helper()
	made, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return sealer{t, made}
}

func (s sealer) seal(path, text, regex string) string {
	s.t.Helper()
	args, _ := json.Marshal(map[string]any{"path": path, "recipients": [][]string{{s.identity.Recipient().String()}}, "encrypted_regex": regex})
	answer, blobs, err := sops.Encrypt(context.Background(), nil, wire.Request{Args: args, Blobs: [][]byte{[]byte(text)}})
	if err != nil || answer.(sops.Encryption).Failure != nil {
		s.t.Fatal(err, answer)
	}
	return string(blobs[0])
}

// ask builds with the identity.
func (s sealer) ask(root string) built {
	s.t.Helper()
	args, _ := json.Marshal(map[string]any{"root": root, "path": "a", "kustomization": map[string]any{"metadata": map[string]any{"name": "n", "namespace": "ns"}}, "identities": 0})
	answer, blobs, err := Build(context.Background(), &worker.Config{Roots: []string{root}}, wire.Request{Args: args, Blobs: [][]byte{[]byte(s.identity.String())}})
	if err != nil {
		s.t.Fatal(err)
	}
	out := built{result: answer.(result)}
	for _, blob := range blobs {
		var data map[string]any
		if err := json.Unmarshal(blob, &data); err != nil {
			s.t.Fatal(err)
		}
		out.bodies = append(out.bodies, data)
	}
	return out
}

func (s sealer) mustAsk(root string) built {
	s.t.Helper()
	got := s.ask(root)
	if got.Failure != nil {
		s.t.Fatalf("%+v", got.Failure)
	}
	return got
}

func TestWithAKeyAnEncryptedSecretHoldsItsValues(t *testing.T) {
	s := newSealer(t)
	root := checkout(t, map[string]string{
		"a/kustomization.yaml": "namespace: web\nresources: [s.sops.yaml]\n", "a/s.sops.yaml": s.seal("s.sops.yaml", secretText, "^(data|stringData)$"),
	})
	got := s.mustAsk(root)
	values := got.bodies[0]["stringData"].(map[string]any)
	if values["password"] != "correct-horse" || values["port"] != "5432" || got.bodies[0]["sops"] != nil || got.Objects[0].Encrypted || len(got.Locked) > 0 {
		t.Errorf("%v %+v", got.bodies, got.result)
	}
}

func TestWithAKeySourcesOfGeneratorsAndPatchesHoldTheirValues(t *testing.T) {
	s := newSealer(t)
	patch := "apiVersion: v1\nkind: ConfigMap\nmetadata:\n    name: c\ndata:\n    patched: battery-staple\n"
	root := checkout(t, map[string]string{
		"a/kustomization.yaml": "resources: [c.yaml]\npatches: [{path: p.yaml}]\nsecretGenerator: [{name: g, files: [values.yaml=v.yaml]}]\n",
		"a/c.yaml":             "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n", "a/v.yaml": s.seal("v.yaml", "password: correct-horse\n", "."),
		"a/p.yaml": s.seal("p.yaml", patch, "^data$"),
	})
	got := s.mustAsk(root)
	for i, object := range got.Objects {
		data := got.bodies[i]["data"].(map[string]any)
		value, _ := base64.StdEncoding.DecodeString(data2text(data["values.yaml"]))
		if object.Encrypted || object.Kind == "Secret" && string(value) != "password: correct-horse\n" || object.Kind == "ConfigMap" && data["patched"] != "battery-staple" {
			t.Errorf("%+v %v", object, data)
		}
	}
}

func data2text(value any) string {
	text, _ := value.(string)
	return text
}

func TestWithAKeyAFileInASecretsDataIsDecrypted(t *testing.T) {
	s := newSealer(t)
	blob := base64.StdEncoding.EncodeToString([]byte(s.seal("v.yaml", "password: correct-horse\n", ".")))
	got := s.mustAsk(checkout(t, map[string]string{"a/s.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {v.yaml: " + blob + "}\n"}))
	value, _ := base64.StdEncoding.DecodeString(got.bodies[0]["data"].(map[string]any)["v.yaml"].(string))
	if string(value) != "password: correct-horse\n" || got.Objects[0].Encrypted {
		t.Errorf("%q", value)
	}
}

func TestAFileOfAnotherKeyKeepsItsPlaceholdersAndIsNamed(t *testing.T) {
	s, other := newSealer(t), newSealer(t)
	root := checkout(t, map[string]string{"a/s.yaml": other.seal("s.yaml", secretText, "^(data|stringData)$")})
	got := s.mustAsk(root)
	if !got.Objects[0].Encrypted || len(got.Locked) != 1 || got.Locked[0].Path != "a/s.yaml" || got.bodies[0]["stringData"].(map[string]any)["password"] != Placeholder {
		t.Errorf("%+v %v", got.result, got.bodies)
	}
}

func TestAnEditedValueIsAFailureAsInFlux(t *testing.T) {
	s := newSealer(t)
	edited := strings.Replace(s.seal("s.yaml", secretText, "^(data|stringData)$"), "password: ENC", "pass: ENC", 1)
	got := s.ask(checkout(t, map[string]string{"a/s.yaml": edited}))
	if got.Failure == nil || got.Failure.Path != "a/s.yaml" || !strings.Contains(got.Failure.Message, "cannot be decrypted") {
		t.Errorf("%+v", got.Failure)
	}
}

func TestWhatWasDecryptedStandsInNoMessage(t *testing.T) {
	s := newSealer(t)
	keys, problem := sops.NewKeyring([]byte(s.identity.String()))
	if problem != nil {
		t.Fatal(problem)
	}
	b := &build{keys: keys}
	if plain, err := b.decrypt("s.yaml", []byte(s.seal("s.yaml", secretText, "^(data|stringData)$")), formats.Yaml, formats.Yaml); err != nil || plain == nil {
		t.Fatal(err)
	}
	said := b.hide("neither correct-horse nor " + base64.StdEncoding.EncodeToString([]byte("correct-horse")))
	if said != "neither <hidden> nor <hidden>" {
		t.Error(said)
	}
}

func TestAFileThatSeveralKeysNameIsReadAsTheFirstSays(t *testing.T) {
	s := newSealer(t)
	root := checkout(t, map[string]string{
		"a/kustomization.yaml":   "resources: [b]\nsecretGenerator: [{name: first, files: [v.json=v.yaml, v.txt=v.yaml]}]\n",
		"a/v.yaml":               s.seal("v.json", `{"password": "correct-horse"}`, "."),
		"a/b/kustomization.yaml": "secretGenerator: [{name: below, files: [v.ini=../v.yaml]}]\n",
	})
	for i, object := range s.mustAsk(root).Objects {
		for key, written := range s.mustAsk(root).bodies[i]["data"].(map[string]any) {
			if value, _ := base64.StdEncoding.DecodeString(data2text(written)); string(value) != "{\n\t\"password\": \"correct-horse\"\n}\n" {
				t.Errorf("%s %s: %q", object.Name, key, value)
			}
		}
	}
}
