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

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

const (
	plain  = "# about the database\napiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  # who knows it\n  password: hunter2\n  port: \"5432\"\n  empty: \"\"\n"
	choice = "^(data|stringData)$"
)

var values = regexp.MustCompile(`ENC\[AES256_GCM,[^\]]*\]`)

func identity(t *testing.T) (secret, recipient string) {
	t.Helper()
	made, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return made.String(), made.Recipient().String()
}

func encrypt(t *testing.T, path, text, regex string, groups ...[]string) (string, *fault.Failure) {
	t.Helper()
	args, _ := json.Marshal(map[string]any{"path": path, "recipients": groups, "encrypted_regex": regex, "lastmodified": "2026-01-02T03:04:05Z"})
	answer, blobs, err := Encrypt(context.Background(), nil, wire.Request{Args: args, Blobs: [][]byte{[]byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	if failure := answer.(Encryption).Failure; failure != nil {
		return "", failure
	}
	return string(blobs[0]), nil
}

// encrypted is the plain Secret, encrypted for one recipient.
func encrypted(t *testing.T, recipient string) string {
	t.Helper()
	body, failure := encrypt(t, "s.yaml", plain, choice, []string{recipient})
	if failure != nil {
		t.Fatal(failure)
	}
	return body
}

func verify(t *testing.T, path, body, key string) Verdict {
	t.Helper()
	args, _ := json.Marshal(map[string]string{"root": "", "path": path})
	answer, _, err := Verify(context.Background(), &worker.Config{}, wire.Request{Args: args, Blobs: [][]byte{[]byte(body), []byte(key)}})
	if err != nil {
		t.Fatal(err)
	}
	return answer.(Verified).Verdict
}

func reasons(problems []fault.Problem) string {
	var found []string
	for _, problem := range problems {
		found = append(found, problem.Reason)
	}
	return strings.Join(found, " ")
}

func replace(pattern, with string) func(string) string {
	return func(body string) string { return regexp.MustCompile(pattern).ReplaceAllString(body, with) }
}

// value is the ciphertext of a key.
func value(body, key string) string {
	return values.FindString(body[strings.Index(body, " "+key+": "):])
}

func TestWhatSOPSItselfWritesAgainIsNoNonceThatComesTwice(t *testing.T) {
	secret, recipient := identity(t)
	body, failure := encrypt(t, "s.yaml", "stringData:\n  # one\n  a:\n  - x: same\n  - x: same\n  b: same\n", choice, []string{recipient})
	if failure != nil {
		t.Fatal(failure)
	}
	again := replace(`(?m)^  #ENC.*\n`, "${0}${0}")(body)
	found := values.FindAllString(strings.Split(again, "\n  b:")[0], -1)
	again = strings.Replace(again, found[3], found[2], 1)
	if again == body || verify(t, "s.yaml", again, secret).MAC != "valid" {
		t.Fatalf("SOPS does not read it: %+v", verify(t, "s.yaml", again, secret))
	}
	if got := load("s.yaml", []byte(again)).inspect().Problems; len(got) > 0 {
		t.Errorf("%+v", got)
	}
	elsewhere := strings.Replace(body, value(body, "b"), found[2], 1)
	if got := load("s.yaml", []byte(elsewhere)).inspect().Problems; reasons(got) != "nonce-reuse" || !strings.Contains(got[0].Message, "cannot decrypt it") {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsWrongWithoutAKey(t *testing.T) {
	_, recipient := identity(t)
	good := encrypted(t, recipient)
	for name, c := range map[string]struct {
		change  func(string) string
		reasons string
		line    string // what the problem's line starts with
	}{
		"nothing":                 {func(s string) string { return s }, "", ""},
		"an empty file":           {func(string) string { return "\n" }, "empty", ""},
		"a truncated file":        {func(s string) string { return s[:len(s)-230] }, "mac-malformed no-version", "  mac:"},
		"only a claim":            {func(string) string { return "kind: Secret\nstringData: {a: hunter2}\nsops: true\n" }, "metadata", "sops:"},
		"half a claim":            {func(string) string { return "kind: Secret\nstringData: {a: hunter2}\nsops: {version: x, mac: x}\n" }, "no-lastmodified no-recipients mac-malformed", "sops:"},
		"no metadata":             {func(s string) string { return strings.Split(s, "\nsops:")[0] }, "", ""},
		"no MAC":                  {replace(`(?m)^  mac: .*\n`, ""), "no-mac", "sops:"},
		"an empty MAC":            {replace(`(?m)^  mac: .*\n`, "  mac: \"\"\n"), "no-mac", "sops:"},
		"a cut MAC":               {replace(`(?m)^  mac: ENC\[AES256_GCM,data:`, "${0}!"), "mac-malformed", "  mac:"},
		"no date":                 {replace(`(?m)^  lastmodified: .*\n`, ""), "no-lastmodified", "sops:"},
		"a bad date":              {replace(`lastmodified: .*`, "lastmodified: yesterday"), "bad-lastmodified", "  lastmodified:"},
		"no version":              {replace(`(?m)^  version: .*\n`, ""), "no-version", "sops:"},
		"no recipients":           {replace(`(?s)  age:\n.*?  encrypted_regex`, "  age: []\n  encrypted_regex"), "no-recipients", "sops:"},
		"no such recipient":       {replace(`recipient: age1`, "recipient: agel"), "bad-recipient", "      recipient:"},
		"a cut armor":             {replace(`-----END AGE.*`, ""), "age-malformed", "    - enc:"},
		"a data key cut short":    {replace(`(?m)^.*\n(\s*-----END AGE)`, "$1"), "age-malformed", "    - enc:"},
		"an empty data key":       {replace(`(?s)enc: \|.*?recipient`, "enc: \"\"\n      recipient"), "age-malformed", "    - enc:"},
		"two selectors":           {replace(`  encrypted_regex:`, "  encrypted_suffix: x\n  encrypted_regex:"), "several-selectors", "  encrypted_regex:"},
		"a selector of nothing":   {replace(`encrypted_regex: .*`, "encrypted_regex: ^nope$"), "nothing-selected unselected-ciphertext", "  encrypted_regex:"},
		"a broken selector":       {replace(`encrypted_regex: .*`, "encrypted_regex: (data"), "bad-selector nothing-selected unselected-ciphertext", "  encrypted_regex:"},
		"a plain comment":         {replace(`(?m)^  port:`, "  # hunter3\n  port:"), "plaintext-comment", "  # hunter3"},
		"a cut comment":           {replace(`#ENC\[AES256_GCM,data:`, "${0}!"), "malformed-value", "  #ENC"},
		"a copied value":          {func(s string) string { return strings.Replace(s, value(s, "port"), value(s, "password"), 1) }, "nonce-reuse", "  port:"},
		"keys that stand twice":   {replace(`(?m)^  port:`, "  password: x\n  port:"), "unsupported-structure", ""},
		"a list at the top":       {func(string) string { return "- a: b\n" }, "unsupported-structure", ""},
		"a key that is no string": {replace(`(?m)^  port:`, "  1:"), "unsupported-structure", ""},
		"an anchor in itself":     {func(s string) string { return "a: &a [*a]\n" + s }, "alias-limit", "a:"},
		"too many levels":         {func(s string) string { return "a: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "\n" + s }, "too-deep", "a:"},
		"broken YAML":             {func(s string) string { return "a: [hunter2\n" + s }, "yaml-syntax", ""},
		"latin-1":                 {func(s string) string { return "# \xe4\n" + s }, "encoding", ""},
		"more than 5 MiB":         {func(s string) string { return s + "# " + strings.Repeat("x", 5<<20) }, "too-large", ""},
	} {
		t.Run(name, func(t *testing.T) {
			body := c.change(good)
			found := load("s.yaml", []byte(body)).inspect()
			if got := reasons(found.Problems); !sameWords(got, c.reasons) {
				t.Fatalf("got %q, want %q: %+v", got, c.reasons, found.Problems)
			}
			if text, _ := json.Marshal(found); strings.Contains(string(text), "hunter") {
				t.Errorf("a value is told: %s", text)
			}
			if c.line == "" {
				return
			}
			for _, problem := range found.Problems {
				if row := strings.Split(body, "\n")[problem.Line-1]; strings.HasPrefix(row, c.line) {
					return
				}
			}
			t.Errorf("want a problem at %q, got %+v", c.line, found.Problems)
		})
	}
}

func sameWords(a, b string) bool {
	count := map[string]int{}
	for _, word := range strings.Fields(a) {
		count[word]++
	}
	for _, word := range strings.Fields(b) {
		count[word]--
	}
	for _, left := range count {
		if left != 0 {
			return false
		}
	}
	return true
}

func TestTheStateOfALeaf(t *testing.T) {
	_, recipient := identity(t)
	good := encrypted(t, recipient)
	for name, c := range map[string]struct {
		change  func(string) string
		pointer string
		want    Leaf
	}{
		"encrypted":      {func(s string) string { return s }, "/stringData/password", Leaf{State: "encrypted", Selected: true, Type: "str", Line: 8, Column: 13}},
		"empty":          {func(s string) string { return s }, "/stringData/empty", Leaf{State: "empty", Selected: true, Line: 10, Column: 10}},
		"not chosen":     {func(s string) string { return s }, "/metadata/name", Leaf{State: "plain", Line: 5, Column: 9}},
		"edited":         {replace(`port: .*`, "port: hunter2"), "/stringData/port", Leaf{State: "plain", Selected: true, Line: 9, Column: 9}},
		"a number":       {replace(`port: .*`, "port: 5432"), "/stringData/port", Leaf{State: "plain", Selected: true, Line: 9, Column: 9}},
		"a short tag":    {replace(`(port: .*)tag:[^,]*`, "${1}tag:AA=="), "/stringData/port", Leaf{State: "malformed", Selected: true, Type: "str", Line: 9, Column: 9, Fault: "its tag has 1 bytes, not 16"}},
		"a short iv":     {replace(`(port: .*)iv:[^,]*`, "${1}iv:AA=="), "/stringData/port", Leaf{State: "malformed", Selected: true, Type: "str", Line: 9, Column: 9, Fault: "its iv has 1 bytes, not 32"}},
		"an odd type":    {replace(`(port: .*)type:str`, "${1}type:text"), "/stringData/port", Leaf{State: "malformed", Selected: true, Line: 9, Column: 9, Fault: "its type is unknown"}},
		"a tail":         {replace(`(port: .*)\]`, "${1}]hunter2"), "/stringData/port", Leaf{State: "malformed", Selected: true, Line: 9, Column: 9, Fault: "there is text after the encrypted value"}},
		"out of scope":   {func(s string) string { return strings.Replace(s, "name: db", "name: "+value(s, "port"), 1) }, "/metadata/name", Leaf{State: "encrypted", Type: "str", Line: 5, Column: 9}},
		"through a list": {replace(`port: `, "list:\n    - {x: y}\n    - "), "/stringData/list/1", Leaf{State: "encrypted", Selected: true, Type: "str", Line: 11, Column: 7}},
		"null":           {replace(`port: .*`, "port: null"), "/stringData/port", Leaf{State: "empty", Line: 9, Column: 9}},
	} {
		var got Leaf
		for _, leaf := range load("s.yaml", []byte(c.change(good))).inspect().Leaves {
			if leaf.Pointer == c.pointer {
				got = leaf
			}
		}
		if c.want.Pointer, got.text, got.value = c.pointer, "", nil; got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func TestSelectorsAreSOPSOwn(t *testing.T) {
	text := "a: x\nb_unencrypted: x\n# keep\nc: x\nd_secret:\n  - e: x\n"
	for selector, want := range map[string]string{
		"":                                  "/a /c /d_secret/0/e",
		"unencrypted_suffix: _secret":       "/a /b_unencrypted /c",
		"encrypted_suffix: _secret":         "/d_secret/0/e",
		"encrypted_regex: ^[ac]$":           "/a /c",
		"unencrypted_regex: ^e$":            "/a /b_unencrypted /c",
		"encrypted_comment_regex: keep":     "/c",
		"unencrypted_comment_regex: ^.keep": "/a /b_unencrypted /d_secret/0/e",
	} {
		var got []string
		for _, leaf := range load("s.yaml", []byte(text+"sops:\n  mac: x\n  "+selector+"\n")).inspect().Leaves {
			if leaf.Selected {
				got = append(got, leaf.Pointer)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %s, want %s", selector, got, want)
		}
	}
}

func TestFilesOfARootAreReadThroughTheJail(t *testing.T) {
	root, _ := filepath.EvalSymlinks(t.TempDir())
	if err := os.Symlink("/etc/hostname", filepath.Join(root, "out.yaml")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"out.yaml": "outside-path", "../x.yaml": "outside-path", "none.yaml": "unreadable", ".": "unreadable"} {
		args, _ := json.Marshal(fileArgs{Root: root, Path: path})
		answer, _, err := Inspect(context.Background(), &worker.Config{Roots: []string{root}}, wire.Request{Args: args})
		if err != nil {
			t.Fatal(err)
		}
		if got := reasons(answer.(Inspection).Problems); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestNothingOddPanics(t *testing.T) {
	bodies := []string{
		"sops:", "sops: []", "- a", "a", "sops: {age: [1]}", "sops: {age: [{recipient: 1}]}", "{", "a: ENC[AES256_GCM,data:,iv:,tag:,type:]\n", "\"\"", "null", "---\n---\n",
		"sops: {mac: x, lastmodified: y, version: z, age: [{recipient: age1, enc: x}]}\na: ENC[", "sops: {key_groups: [{kms: [{context: {a: null}, created_at: '2026-01-01T00:00:00Z'}]}], lastmodified: '2026-01-01T00:00:00Z'}\n",
		"[sops]\nmac=x\n[a]\nb=%(b)s\n", "sops_mac=x\nsops_age__list_99999999__map_enc=x\n", "sops_a__map_=1\nsops_a=2\n", strings.Repeat("[", 100000), `{"a":` + strings.Repeat(`{"a":`, 5000), "? [a]\n: b\nsops: {mac: x}\n", "<<: {sops: {mac: x}}\n",
	}
	key, _ := identity(t)
	for _, body := range bodies {
		for _, path := range []string{"a.yaml", "a.json", "a.env", "a.ini", "a.bin"} {
			load(path, []byte(body)).inspect()
			verify(t, path, body, key)
			encrypt(t, path, body, ".", []string{"age1"})
		}
	}
}
