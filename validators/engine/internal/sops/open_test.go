package sops

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"filippo.io/age"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

func TestWhatAKeyTells(t *testing.T) {
	secret, recipient := identity(t)
	other, _ := identity(t)
	good := encrypted(t, recipient)
	swap := func(s string) string {
		a, b := value(s, "password"), value(s, "port")
		return strings.NewReplacer(a, b, b, a).Replace(s)
	}
	for name, c := range map[string]struct {
		change       func(string) string
		key          string
		mac, reasons string
		line         int
	}{
		"nothing":              {func(s string) string { return s }, secret, "valid", "", 0},
		"a field in plain":     {replace(`name: db`, "name: other"), secret, "invalid", "mac-mismatch", 0},
		"a new field":          {replace(`(?m)^kind:`, "immutable: true\nkind:"), secret, "invalid", "mac-mismatch", 0},
		"two values swapped":   {swap, secret, "unknown", "value-altered value-altered", 8},
		"a key renamed":        {replace(`password:`, "pass:"), secret, "unknown", "value-altered", 8},
		"another tag":          {replace(`(port: .*)tag:[^,]*`, "${1}tag:AAAAAAAAAAAAAAAAAAAAAA=="), secret, "unknown", "value-altered", 9},
		"a value in plain":     {replace(`port: .*`, "port: hunter2"), secret, "unknown", "plain-value", 9},
		"a number in plain":    {replace(`port: .*`, "port: 5432"), secret, "unknown", "plain-value", 9},
		"a cut value":          {replace(`(port: .*)tag:[^,]*`, "${1}tag:AA=="), secret, "unknown", "malformed-value", 9},
		"another date":         {replace(`lastmodified: .*`, "lastmodified: \"2026-02-02T00:00:00Z\""), secret, "invalid", "mac-altered", 0},
		"no MAC":               {replace(`(?m)^  mac: .*\n`, ""), secret, "missing", "no-mac", 0},
		"no metadata":          {func(s string) string { return strings.Split(s, "\nsops:")[0] }, secret, "unknown", "no-metadata", 0},
		"another key":          {func(s string) string { return s }, other, "unknown", "no-key", 0},
		"no key":               {func(s string) string { return s }, "", "unknown", "bad-identities", 0},
		"a plugin":             {func(s string) string { return s }, "AGE-PLUGIN-YUBIKEY-1QQQ", "unknown", "bad-identities", 0},
		"an SSH key":           {func(s string) string { return s }, "-----BEGIN OPENSSH PRIVATE KEY-----", "unknown", "bad-identities", 0},
		"a key file's name":    {func(s string) string { return s }, "/root/.config/sops/age/keys.txt", "unknown", "bad-identities", 0},
		"only a KMS recipient": {replace(`(?s)  age:\n.*?  encrypted_regex`, "  kms: [{arn: x, created_at: '2026-01-01T00:00:00Z', enc: x}]\n  encrypted_regex"), secret, "unknown", "key-not-available", 0},
		"only PGP":             {replace(`(?s)  age:\n.*?  encrypted_regex`, "  pgp: [{fp: ABC, created_at: '2026-01-01T00:00:00Z', enc: x}]\n  encrypted_regex"), secret, "unknown", "key-not-available", 0},
		"only Vault":           {replace(`(?s)  age:\n.*?  encrypted_regex`, "  hc_vault: [{vault_address: 'http://127.0.0.1:1', created_at: '2026-01-01T00:00:00Z', enc: x}]\n  encrypted_regex"), secret, "unknown", "key-not-available", 0},
		"only a plugin":        {replace(`recipient: age1.*`, "recipient: age1yubikey1qqqqq"), other, "unknown", "key-not-available", 0},
		"a comment edited":     {replace(`# about the database`, "# hunter2"), secret, "valid", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			said := verify(t, "s.yaml", c.change(good), c.key)
			if got := reasons(said.Problems); got != c.reasons || said.MAC != c.mac {
				t.Fatalf("got %s %q, want %s %q: %+v", said.MAC, got, c.mac, c.reasons, said.Problems)
			}
			if c.line > 0 && said.Problems[0].Line != c.line {
				t.Errorf("line %d, want %d", said.Problems[0].Line, c.line)
			}
			if text, _ := json.Marshal(said); strings.Contains(string(text), "hunter") || c.key != "" && strings.Contains(string(text), c.key) {
				t.Errorf("a value is told: %s", text)
			}
		})
	}
}

func TestNothingButTheGivenKeyIsAsked(t *testing.T) {
	secret, recipient := identity(t)
	other, _ := identity(t)
	t.Setenv("SOPS_AGE_KEY", secret)
	t.Setenv("SOPS_AGE_KEY_CMD", "touch "+t.TempDir()+"/ran")
	if said := verify(t, "s.yaml", encrypted(t, recipient), other); reasons(said.Problems) != "no-key" {
		t.Errorf("%+v", said)
	}
}

func TestKeyGroupsNeedTheirThreshold(t *testing.T) {
	oneSecret, one := identity(t)
	twoSecret, two := identity(t)
	threeSecret, three := identity(t)
	args, _ := json.Marshal(map[string]any{"path": "s.yaml", "recipients": [][]string{{one}, {two}, {three}}, "shamir_threshold": 2, "encrypted_regex": choice})
	_, blobs, err := Encrypt(context.Background(), nil, wire.Request{Args: args, Blobs: [][]byte{[]byte(plain)}})
	if err != nil {
		t.Fatal(err)
	}
	for keys, want := range map[string]string{oneSecret: "unknown", oneSecret + "\n" + threeSecret: "valid", twoSecret + "\n# c\n\n" + oneSecret: "valid"} {
		if said := verify(t, "s.yaml", string(blobs[0]), keys); said.MAC != want {
			t.Errorf("%+v, want %s", said, want)
		}
	}
	found := load("s.yaml", blobs[0]).inspect()
	if len(found.Recipients) != 3 || found.Threshold != 2 || len(found.Problems) > 0 {
		t.Errorf("%+v", found)
	}
	for _, threshold := range []string{"1", "4"} {
		broken := replace(`shamir_threshold: 2`, "shamir_threshold: "+threshold)(string(blobs[0]))
		if got := reasons(load("s.yaml", []byte(broken)).inspect().Problems); got != "bad-threshold" {
			t.Errorf("%s: %s", threshold, got)
		}
	}
}

func TestDecryptedDocumentsAreWhatWasEncrypted(t *testing.T) {
	made, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	text := plain + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: second, namespace: ml}\ndata: {a: [1, 2.5, true, null, x], b: {c: \"\"}}\n"
	body, failure := encrypt(t, "s.yaml", text, choice, []string{made.Recipient().String()})
	if failure != nil {
		t.Fatal(failure)
	}
	args, _ := json.Marshal(map[string]string{"root": "", "path": "s.yaml"})
	answer, blobs, err := Decrypt(context.Background(), &worker.Config{}, wire.Request{Args: args, Blobs: [][]byte{[]byte(body), []byte(made.String())}})
	if err != nil {
		t.Fatal(err)
	}
	said := answer.(Decrypted)
	if said.MAC != "valid" || len(blobs) != 2 || said.Documents[1].Namespace != "ml" || said.Documents[1].Blob != 1 {
		t.Fatalf("%+v", said)
	}
	for i, want := range []string{
		`{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db"},"stringData":{"empty":"","password":"hunter2","port":"5432"}}`,
		`{"apiVersion":"v1","data":{"a":[1,2.5,true,null,"x"],"b":{"c":""}},"kind":"Secret","metadata":{"name":"second","namespace":"ml"}}`,
	} {
		if string(blobs[i]) != want {
			t.Errorf("got %s, want %s", blobs[i], want)
		}
	}
}

func TestAFileWithinASecretIsLookedInto(t *testing.T) {
	_, recipient := identity(t)
	inner := encrypted(t, recipient)
	for name, c := range map[string]struct{ inner, reasons string }{
		"good":          {inner, ""},
		"plain inside":  {replace(`port: .*`, "port: hunter2")(inner), "plain-value"},
		"no recipients": {replace(`(?s)  age:\n.*?  encrypted_regex`, "  encrypted_regex")(inner), "no-recipients"},
	} {
		body := "kind: Secret\ndata:\n  a: aGk=\n  values.yaml: " + base64.StdEncoding.EncodeToString([]byte(c.inner)) + "\n"
		found := load("s.yaml", []byte(body)).inspect()
		if len(found.Nested) != 1 || found.Nested[0].Pointer != "/data/values.yaml" || found.Nested[0].Recipients == nil {
			t.Fatalf("%s: %+v", name, found)
		}
		if got := reasons(found.Problems); got != c.reasons || got != "" && found.Problems[0].Line != 4 {
			t.Errorf("%s: %+v", name, found.Problems)
		}
	}
}
