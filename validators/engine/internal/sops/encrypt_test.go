package sops

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/getsops/sops/v3/decrypt"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

func TestSOPSItselfOpensWhatIsEncrypted(t *testing.T) {
	x25519, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for secret, recipient := range map[string]string{x25519.String(): x25519.Recipient().String(), hybrid.String(): hybrid.Recipient().String()} {
		body := encrypted(t, recipient)
		t.Setenv("SOPS_AGE_KEY", secret)
		back, err := decrypt.Data([]byte(body), "yaml")
		if err != nil {
			t.Fatal(err)
		}
		if strings.ReplaceAll(string(back), "    ", "  ") != plain {
			t.Errorf("got %s", back)
		}
		if strings.Contains(body, "hunter2") || strings.Contains(body, "who knows") || !strings.Contains(body, "name: db") || !strings.Contains(body, "2026-01-02T03:04:05Z") {
			t.Errorf("got %s", body)
		}
		found := load("s.yaml", []byte(body)).inspect()
		if len(found.Problems) > 0 || found.Selector != (Selector{"encrypted_regex", choice}) || found.Recipients[0][0] != (Recipient{Type: "age", ID: recipient}) || found.LastModified != "2026-01-02T03:04:05Z" {
			t.Errorf("%+v", found)
		}
	}
}

func TestJSONIsEncryptedAsJSON(t *testing.T) {
	secret, recipient := identity(t)
	body, failure := encrypt(t, "s.json", `{"kind": "Secret", "data": {"a": "aGk=", "n": 12345678901234567}}`, choice, []string{recipient})
	if failure != nil || !json.Valid([]byte(body)) {
		t.Fatalf("%v %s", failure, body)
	}
	if said := verify(t, "s.json", body, secret); said.MAC != "valid" {
		t.Errorf("%+v", said)
	}
}

func TestWhatIsNotEncrypted(t *testing.T) {
	_, recipient := identity(t)
	for name, c := range map[string]struct{ path, text, regex, recipient, reason string }{
		"nothing chosen":       {"s.yaml", plain, "^nope$", recipient, "nothing-selected"},
		"no selector":          {"s.yaml", plain, "", recipient, "bad-selector"},
		"a broken selector":    {"s.yaml", plain, "(", recipient, "bad-selector"},
		"only empty values":    {"s.yaml", "kind: Secret\ndata: {a: ''}\n", choice, recipient, "nothing-selected"},
		"encrypted already":    {"s.yaml", encrypted(t, recipient), choice, recipient, "already-encrypted"},
		"ciphertext":           {"s.yaml", "data: {a: 'ENC[AES256_GCM,data:x]', b: x}\n", choice, recipient, "already-encrypted"},
		"keys that repeat":     {"s.yaml", "a: 1\n---\ndata: {a: x, a: y}\n", choice, recipient, "duplicate-key"},
		"a list":               {"s.yaml", "- data: x\n", choice, recipient, "unsupported-structure"},
		"a huge number":        {"s.yaml", "data: {a: 18446744073709551615}\n", choice, recipient, "unsupported-structure"},
		"nothing":              {"s.yaml", "", choice, recipient, "empty"},
		"broken YAML":          {"s.yaml", "data: [hunter2\n", choice, recipient, "yaml-syntax"},
		"a binary file":        {"s.pem", "x", choice, recipient, "unsupported-format"},
		"a plugin's recipient": {"s.yaml", plain, choice, "age1yubikey1qqqqq", "unsupported-recipient"},
		"an SSH key":           {"s.yaml", plain, choice, "ssh-ed25519 AAAA", "unsupported-recipient"},
		"KMS":                  {"s.yaml", plain, choice, "arn:aws:kms:x", "unsupported-recipient"},
		"PGP":                  {"s.yaml", plain, choice, "85D77543B3D624B63CEA9E6DBC17301B491B3F21", "unsupported-recipient"},
	} {
		body, failure := encrypt(t, c.path, c.text, c.regex, []string{c.recipient})
		if failure == nil || failure.Reason != c.reason || body != "" || strings.Contains(failure.Message, "hunter2") {
			t.Errorf("%s: got %+v, want %s", name, failure, c.reason)
		}
	}
	if _, failure := encrypt(t, "s.yaml", plain, choice); failure == nil || failure.Reason != "no-recipients" {
		t.Errorf("no recipient: %+v", failure)
	}
}

func rotate(t *testing.T, body, key string, recipients any) (string, Encryption) {
	t.Helper()
	root, _ := filepath.EvalSymlinks(t.TempDir())
	if err := os.WriteFile(filepath.Join(root, "s.yaml"), []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	args, _ := json.Marshal(map[string]any{"root": root, "path": "s.yaml", "recipients": recipients})
	answer, blobs, err := Rotate(context.Background(), &worker.Config{Roots: []string{root}}, wire.Request{Args: args, Blobs: [][]byte{[]byte(key)}})
	if err != nil {
		t.Fatal(err)
	}
	if len(blobs) == 0 {
		return "", answer.(Encryption)
	}
	return string(blobs[0]), answer.(Encryption)
}

func TestRotationChangesEveryValueAndWhoCanRead(t *testing.T) {
	secret, recipient := identity(t)
	next, nextRecipient := identity(t)
	good := encrypted(t, recipient)
	turned, _ := rotate(t, good, secret, [][]Recipient{{{Type: "age", ID: nextRecipient}}})
	if said := verify(t, "s.yaml", turned, secret); reasons(said.Problems) != "no-key" {
		t.Errorf("the removed recipient: %+v", said)
	}
	if said := verify(t, "s.yaml", turned, next); said.MAC != "valid" {
		t.Errorf("the new recipient: %+v", said)
	}
	for _, old := range values.FindAllString(good, -1) {
		if strings.Contains(turned, old) {
			t.Errorf("%s was not encrypted again", old)
		}
	}
	if got := load("s.yaml", []byte(turned)).inspect(); got.Selector != (Selector{"encrypted_regex", choice}) || len(got.Problems) > 0 {
		t.Errorf("%+v", got)
	}
	if kept, _ := rotate(t, good, secret, nil); verify(t, "s.yaml", kept, secret).MAC != "valid" {
		t.Error("without recipients, those of the file stay")
	}
}

func TestAFileThatWasAlteredIsNotRotated(t *testing.T) {
	secret, recipient := identity(t)
	other, _ := identity(t)
	good := encrypted(t, recipient)
	for name, c := range map[string]struct{ body, key, reason string }{
		"altered": {strings.Replace(good, "name: db", "name: x", 1), secret, "mac-mismatch"},
		"no MAC":  {replace(`(?m)^  mac: .*\n`, "")(good), secret, "no-mac"},
		"no key":  {good, other, "no-key"},
	} {
		if body, answer := rotate(t, c.body, c.key, [][]string{{recipient}}); answer.Failure == nil || answer.Failure.Reason != c.reason || body != "" {
			t.Errorf("%s: %+v", name, answer)
		}
	}
}
