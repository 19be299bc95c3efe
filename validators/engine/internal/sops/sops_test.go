package sops

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

const plain = "apiVersion: v1\nkind: Secret\nmetadata:\n    name: db\nstringData:\n    password: hunter2\n    port: \"5432\"\n    empty: \"\"\n"

func identity(t *testing.T) (secret, recipient string) {
	t.Helper()
	made, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return made.String(), made.Recipient().String()
}

func sealed(t *testing.T, recipient string) string {
	t.Helper()
	args, _ := json.Marshal(map[string]any{"path": "s.yaml", "recipients": [][]string{{recipient}}, "encrypted_regex": "^(data|stringData)$", "lastmodified": "2026-01-02T03:04:05Z"})
	_, blobs, err := Encrypt(context.Background(), nil, wire.Request{Args: args, Blobs: [][]byte{[]byte(plain)}})
	if err != nil {
		t.Fatal(err)
	}
	return string(blobs[0])
}

func reasons(structure Structure) string {
	var found []string
	for _, problem := range structure.Problems {
		found = append(found, problem.Reason)
	}
	return strings.Join(found, " ")
}

func TestWhatIsEncryptedIsCompleteAndOpensAgain(t *testing.T) {
	for name, generate := range map[string]func() (string, string){
		"X25519": func() (string, string) { return identity(t) },
		"post-quantum": func() (string, string) {
			made, err := age.GenerateHybridIdentity()
			if err != nil {
				t.Fatal(err)
			}
			return made.String(), made.Recipient().String()
		},
	} {
		t.Run(name, func(t *testing.T) {
			secret, recipient := generate()
			body := sealed(t, recipient)
			structure := inspect("s.yaml", []byte(body))
			if len(structure.Problems) > 0 || structure.Selector != (Selector{"encrypted_regex", "^(data|stringData)$"}) || structure.Recipients[0][0] != (Recipient{"age", recipient}) {
				t.Errorf("%+v", structure)
			}
			for _, leaf := range structure.Leaves {
				want := map[string]string{"/stringData/password": "encrypted", "/stringData/port": "encrypted", "/stringData/empty": "empty"}[leaf.Pointer]
				if want == "" {
					want = "plain"
				}
				if leaf.State != want || leaf.Selected != strings.HasPrefix(leaf.Pointer, "/stringData") {
					t.Errorf("%+v", leaf)
				}
			}
			known, err := parseIdentities([]byte("# mine\n" + secret + "\n"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := unlock("s.yaml", []byte(body), known); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatIsWrongWithoutAKey(t *testing.T) {
	_, recipient := identity(t)
	good := sealed(t, recipient)
	password := regexp.MustCompile(`password: (ENC\[.*\])`)
	value := password.FindStringSubmatch(good)[1]
	for name, c := range map[string]struct{ body, reasons string }{
		"good":              {good, ""},
		"empty":             {"", "empty"},
		"only a claim":      {"kind: Secret\nstringData: {a: b}\nsops: true\n", "metadata"},
		"half a claim":      {"kind: Secret\nstringData: {a: b}\nsops: {version: x, mac: x}\n", "metadata"},
		"no mac":            {regexp.MustCompile(`(?m)^    mac: .*\n`).ReplaceAllString(good, ""), "no-mac"},
		"cut mac":           {regexp.MustCompile(`(?m)^(    mac: ENC\[AES256_GCM,data:)`).ReplaceAllString(good, "${1}!"), "mac-malformed"},
		"no recipients":     {regexp.MustCompile(`(?s)    age:\n.*?(    encrypted_regex)`).ReplaceAllString(good, "    age: []\n$1"), "metadata"},
		"cut armor":         {strings.Replace(good, "-----BEGIN AGE", "-----BEGIN", 1), "age-malformed"},
		"copied value":      {strings.Replace(good, "port: ", "port: "+value+" #", 1), "nonce-reuse"},
		"two selectors":     {strings.Replace(good, "    encrypted_regex:", "    encrypted_suffix: x\n    encrypted_regex:", 1), "metadata"},
		"no metadata":       {strings.Split(good, "sops:")[0], ""},
		"larger than 5 MiB": {good + "# " + strings.Repeat("x", MaxFile), "too-large"},
	} {
		structure := inspect("s.yaml", []byte(c.body))
		if got := reasons(structure); got != c.reasons {
			t.Errorf("%s: got %q, want %q: %+v", name, got, c.reasons, structure.Problems)
		}
		if text, _ := json.Marshal(structure); strings.Contains(string(text), "hunter2") {
			t.Errorf("%s: a value is told", name)
		}
	}
}

func TestLeavesThatAreNotAsTheSelectorWants(t *testing.T) {
	_, recipient := identity(t)
	good := sealed(t, recipient)
	value := regexp.MustCompile(`password: (ENC\[.*\])`).FindStringSubmatch(good)[1]
	for name, c := range map[string]struct {
		from, to, pointer, state string
		selected                 bool
	}{
		"plain":     {value, "hunter2", "/stringData/password", "plain", true},
		"cut":       {value, value[:60] + "]", "/stringData/password", "malformed", true},
		"short tag": {value, regexp.MustCompile(`tag:[^,]*`).ReplaceAllString(value, "tag:AA=="), "/stringData/password", "malformed", true},
		"outside":   {"name: db", "name: " + value, "/metadata/name", "encrypted", false},
	} {
		structure := inspect("s.yaml", []byte(strings.Replace(good, c.from, c.to, 1)))
		found := false
		for _, leaf := range structure.Leaves {
			if leaf.Pointer == c.pointer {
				found = leaf.State == c.state && leaf.Selected == c.selected
			}
		}
		if !found {
			t.Errorf("%s: %+v", name, structure.Leaves)
		}
	}
}

func TestWhatAKeyTells(t *testing.T) {
	secret, recipient := identity(t)
	other, _ := identity(t)
	good := sealed(t, recipient)
	value := func(name string) string {
		return regexp.MustCompile(name + `: (ENC\[.*\])`).FindStringSubmatch(good)[1]
	}
	for name, c := range map[string]struct{ body, key, reason, mac string }{
		"good":           {good, secret, "", "valid"},
		"plain edit":     {strings.Replace(good, "name: db", "name: other", 1), secret, "mac-mismatch", "invalid"},
		"value moved":    {strings.Replace(good, value("port"), value("password"), 1), secret, "value-altered", "unknown"},
		"key renamed":    {strings.Replace(good, "password:", "pass:", 1), secret, "value-altered", "unknown"},
		"other key":      {good, other, "no-key", "unknown"},
		"no metadata":    {strings.Split(good, "sops:")[0], secret, "metadata", "unknown"},
		"value in plain": {strings.Replace(good, value("port"), `"1"`, 1), secret, "value-altered", "unknown"},
	} {
		root, err := filepath.EvalSymlinks(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, "s.yaml"), []byte(c.body), 0o600); err != nil {
			t.Fatal(err)
		}
		args, _ := json.Marshal(map[string]string{"root": root, "path": "s.yaml"})
		answer, _, err := Verify(context.Background(), &worker.Config{Roots: []string{root}}, wire.Request{Op: "verify", Args: args, Blobs: [][]byte{[]byte(c.key)}})
		if err != nil {
			t.Fatal(err)
		}
		said := answer.(verified)
		got := ""
		if len(said.Problems) > 0 {
			got = said.Problems[0].Reason
		}
		if got != c.reason || said.MAC != c.mac {
			t.Errorf("%s: %+v", name, said)
		}
	}
}

func TestRotationChangesEveryValueAndWhoCanRead(t *testing.T) {
	secret, recipient := identity(t)
	next, nextRecipient := identity(t)
	good := sealed(t, recipient)
	root, _ := filepath.EvalSymlinks(t.TempDir())
	if err := os.WriteFile(filepath.Join(root, "s.yaml"), []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	args, _ := json.Marshal(map[string]any{"root": root, "path": "s.yaml", "recipients": [][]string{{nextRecipient}}})
	_, blobs, err := Rotate(context.Background(), &worker.Config{Roots: []string{root}}, wire.Request{Op: "rotate", Args: args, Blobs: [][]byte{[]byte(secret)}})
	if err != nil {
		t.Fatal(err)
	}
	old, _ := parseIdentities([]byte(secret))
	if _, err := unlock("s.yaml", blobs[0], old); err == nil {
		t.Error("the removed recipient can still read")
	}
	fresh, _ := parseIdentities([]byte(next))
	if _, err := unlock("s.yaml", blobs[0], fresh); err != nil {
		t.Error(err)
	}
}

func TestKeysThatWouldRunOrReadSomethingAreRefused(t *testing.T) {
	for _, key := range []string{"AGE-PLUGIN-YUBIKEY-1QQQ", "-----BEGIN OPENSSH PRIVATE KEY-----", "/root/.ssh/id_ed25519", ""} {
		if _, err := parseIdentities([]byte(key)); err == nil {
			t.Errorf("%q was taken", key)
		}
	}
	for _, recipient := range []string{"age1yubikey1qqq", "ssh-ed25519 AAAA", "arn:aws:kms:x", "FINGERPRINT", ""} {
		if _, err := groups([][]string{{recipient}}); err == nil {
			t.Errorf("%q was taken", recipient)
		}
	}
}

func TestNothingOddPanics(t *testing.T) {
	for _, body := range []string{"sops:", "sops: []", "- a", "a", "sops: {age: [1]}", "sops: {age: [{recipient: 1}]}", "{", "sops: {mac: x, lastmodified: y, version: z, age: [{recipient: age1, enc: x}]}\na: ENC[", "a: ENC[AES256_GCM,data:,iv:,tag:,type:]\n"} {
		for _, name := range []string{"a.yaml", "a.json", "a.env", "a.ini", "a.bin"} {
			inspect(name, []byte(body))
		}
	}
}
