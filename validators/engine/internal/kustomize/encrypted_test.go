package kustomize

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

func enc(kind string) string {
	return "ENC[AES256_GCM,data:AAAA,iv:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,tag:AAAAAAAAAAAAAAAAAAAAAA==,type:" + kind + "]"
}

// sealedYAML is an encrypted file whose only value has a type.
func sealedYAML(kind string) string {
	return "#" + enc("comment") + "\nport: " + enc(kind) + "\nlist:\n    - " + enc("str") + "\nplain: x\nsops:\n    lastmodified: \"2026-01-01T00:00:00Z\"\n    mac: " + enc("str") + "\n    version: 3.13.3\n"
}

func TestSourcesAreDecryptedInTheFormatThatFluxReadsThemIn(t *testing.T) {
	for name, c := range map[string]struct{ entry, file, content, key, want string }{
		"YAML":                 {"files: [v.yaml]", "v.yaml", sealedYAML("int"), "v.yaml", "port: 0\nlist:\n    - encrypted\nplain: x\n"},
		"YAML under a key":     {"files: [values.yaml=v.enc.yaml]", "v.enc.yaml", sealedYAML("bool"), "values.yaml", "port: false\nlist:\n    - encrypted\nplain: x\n"},
		"JSON":                 {"files: [v.json]", "v.json", `{"a": "` + enc("str") + `", "sops": {"mac": "` + enc("str") + `"}}`, "v.json", "{\n\t\"a\": \"encrypted\"\n}"},
		"binary":               {"files: [tls.key]", "tls.key", `{"data": "` + enc("str") + `", "sops": {"mac": "` + enc("str") + `"}}`, "tls.key", "encrypted"},
		"dotenv":               {"envs: [e.env]", "e.env", "A=" + enc("str") + "\nsops_mac=" + enc("str") + "\n", "A", "encrypted"},
		"dotenv by any name":   {"envs: [secret]", "secret", "A=" + enc("str") + "\nsops_mac=" + enc("str") + "\n", "A", "encrypted"},
		"registry credentials": {"files: [.dockerconfigjson]", ".dockerconfigjson", `{"auths": {"r": {"auth": "` + enc("str") + `"}}, "sops": {"mac": "` + enc("str") + `"}}`, ".dockerconfigjson", "{\n\t\"auths\": {\n\t\t\"r\": {\n\t\t\t\"auth\": \"encrypted\"\n\t\t}\n\t}\n}"},
	} {
		t.Run(name, func(t *testing.T) {
			root := checkout(t, map[string]string{"a/kustomization.yaml": "secretGenerator: [{name: s, " + c.entry + "}]\n", "a/" + c.file: c.content})
			got := ask(t, root, "a", nil, nil)
			if got.Failure != nil {
				t.Fatal(got.Failure)
			}
			value, _ := base64.StdEncoding.DecodeString(got.bodies[0]["data"].(map[string]any)[c.key].(string))
			if strings.TrimSpace(string(value)) != strings.TrimSpace(c.want) || !got.Objects[0].Encrypted {
				t.Errorf("%q, encrypted %v", value, got.Objects[0].Encrypted)
			}
		})
	}
}

func TestAnEncryptedPatchIsAPlaceholder(t *testing.T) {
	root := checkout(t, map[string]string{
		"a/kustomization.yaml": "resources: [s.yaml, x.yaml]\npatches: [{path: p.yaml}]\n", "a/s.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n", "a/x.yaml": named("x"),
		"a/p.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: '" + enc("str") + "'}\nsops: {mac: '" + enc("str") + "'}\n",
	})
	got := ask(t, root, "a", nil, nil)
	if got.Failure != nil && got.Failure.Reason != "kustomize-build" {
		t.Fatalf("%+v", got.Failure)
	}
	// In the flow style SOPS does not write, the mark of YAML (mac: ENC[) is missing, so Flux does not decrypt it either.
	root = checkout(t, map[string]string{
		"a/kustomization.yaml": "resources: [s.yaml, x.yaml]\npatches: [{path: p.yaml}]\n", "a/s.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n", "a/x.yaml": named("x"),
		"a/p.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: '" + enc("str") + "'}\nsops:\n    mac: " + enc("str") + "\n",
	})
	got = ask(t, root, "a", nil, nil)
	if got.Failure != nil {
		t.Fatalf("%+v", got.Failure)
	}
	encrypted := map[string]bool{}
	for _, object := range got.Objects {
		encrypted[object.Kind] = object.Encrypted
	}
	if body, _ := json.Marshal(got.bodies); !encrypted["Secret"] || encrypted["ConfigMap"] || !strings.Contains(string(body), `"a":"encrypted"`) {
		t.Errorf("%v %s", encrypted, body)
	}
}

func TestAFileInASecretsDataIsDecrypted(t *testing.T) {
	blob := base64.StdEncoding.EncodeToString([]byte(sealedYAML("str")))
	got := ask(t, checkout(t, map[string]string{"a/s.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {v.yaml: " + blob + ", b: eA==}\n"}), "a", nil, nil)
	if got.Failure != nil {
		t.Fatal(got.Failure)
	}
	data := got.bodies[0]["data"].(map[string]any)
	value, _ := base64.StdEncoding.DecodeString(data["v.yaml"].(string))
	if string(value) != "port: encrypted\nlist:\n    - encrypted\nplain: x\n" || data["b"] != "eA==" || !got.Objects[0].Encrypted {
		t.Errorf("%q %v", value, got.Objects)
	}
}

func TestASecretThatStaysEncryptedIsNotApplied(t *testing.T) {
	secret := "apiVersion: v1\nkind: Secret\nmetadata: {name: s%s}\ndata: {a: '" + enc("str") + "'}\nsops: {mac: '%s'}\n"
	text := func(metadata, mac string) string {
		return strings.Replace(strings.Replace(secret, "%s", metadata, 1), "%s", mac, 1)
	}
	for name, c := range map[string]struct {
		content string
		decrypt bool
	}{
		"without decryption":   {text("", enc("str")), false},
		"without a MAC":        {text("", ""), true},
		"turned off for it":    {text(", annotations: {kustomize.toolkit.fluxcd.io/decrypt: Disabled}", enc("str")), true},
		"sops that is no more": {"apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nsops: true\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, checkout(t, map[string]string{"a/s.yaml": c.content}), "a", nil, map[string]any{"decrypt": c.decrypt})
			if got.Failure == nil || got.Failure.Reason != "encrypted-secret" || got.Failure.Path != "a/s.yaml" {
				t.Errorf("%+v %v", got.Failure, got.bodies)
			}
		})
	}
}

func TestAnObjectIsKnownInPlainText(t *testing.T) {
	for field, object := range map[string]string{
		"apiVersion":         "apiVersion: '%s'\nkind: '%s'\nmetadata: {name: '%s'}\n",
		"kind":               "apiVersion: v1\nkind: '%s'\nmetadata: {name: a}\n",
		"metadata.name":      "apiVersion: v1\nkind: Secret\nmetadata: {name: '%s'}\n",
		"metadata.namespace": "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: '%s'}\n",
	} {
		content := strings.ReplaceAll(object, "%s", enc("str")) + "sops: {mac: '" + enc("str") + "'}\n"
		got := ask(t, checkout(t, map[string]string{"a/s.yaml": content}), "a", nil, nil)
		if got.Failure == nil || got.Failure.Reason != "encrypted-identity" || !strings.HasPrefix(got.Failure.Message, field+" ") || got.Failure.Path != "a/s.yaml" {
			t.Errorf("%s: %+v %v", field, got.Failure, got.bodies)
		}
	}
}

func TestWithoutDecryptionOtherObjectsStayAsTheyAre(t *testing.T) {
	custom := "apiVersion: isindir.github.com/v1alpha3\nkind: SopsSecret\nmetadata: {name: s}\nspec: {a: '" + enc("str") + "'}\nsops: {mac: '" + enc("str") + "'}\n"
	got := ask(t, checkout(t, map[string]string{"a/s.yaml": custom}), "a", nil, map[string]any{"decrypt": false})
	if got.Failure != nil || got.bodies[0]["sops"] == nil || got.Objects[0].Encrypted {
		t.Errorf("%+v %v", got.Failure, got.bodies)
	}
}
