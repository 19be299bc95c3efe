package sops

import (
	"context"
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

func reseal(t *testing.T, body, earlier, key string) (string, Resealing) {
	t.Helper()
	args, _ := json.Marshal(map[string]any{"root": "", "path": "s.yaml"})
	request := wire.Request{Args: args, Blobs: [][]byte{[]byte(body), []byte(earlier), []byte(key)}}
	answer, blobs, err := Reseal(context.Background(), &worker.Config{}, request)
	if err != nil {
		t.Fatal(err)
	}
	if len(blobs) == 0 {
		return "", answer.(Resealing)
	}
	return string(blobs[0]), answer.(Resealing)
}

func TestANewMACForEditedMetadata(t *testing.T) {
	secret, recipient := identity(t)
	good := encrypted(t, recipient)
	edited := strings.Replace(good, "  name: db\n", "  # whose it is\n  labels:\n    app: \"1\"\n  name: other\n", 1)
	edited = strings.Replace(edited, "kind: Secret\n", "", 1)
	sealed, answer := reseal(t, edited, good, secret)
	if answer.Failure != nil {
		t.Fatalf("%+v", answer.Failure)
	}
	want := []Edit{{0, "/metadata/labels/app", 6, "", `"1"`}, {0, "/metadata/name", 7, `"db"`, `"other"`}, {0, "/kind", 0, `"Secret"`, ""}}
	if !reflect.DeepEqual(answer.Changes, want) {
		t.Errorf("got %+v, want %+v", answer.Changes, want)
	}
	if said := verify(t, "s.yaml", sealed, secret); said.MAC != "valid" {
		t.Errorf("%+v", said)
	}
	noted := regexp.MustCompile(`(?m)^ +(mac|lastmodified): .*\n`)
	if noted.ReplaceAllString(sealed, "") != noted.ReplaceAllString(edited, "") {
		t.Errorf("more was changed than the MAC:\n%s", sealed)
	}
}

func TestWhatGetsNoNewMAC(t *testing.T) {
	secret, recipient := identity(t)
	other, _ := identity(t)
	good := encrypted(t, recipient)
	elsewhere := encrypted(t, recipient)
	edited := strings.Replace(good, "name: db", "name: x", 1)
	password := regexp.MustCompile(`(?m)^ +password: (ENC.*)\n`).FindString(good)
	for name, c := range map[string]struct{ body, earlier, key, reason string }{
		"another password":         {strings.Replace(edited, password, strings.Replace(password, "data:", "data:A", 1), 1), good, secret, "malformed-value value-altered"},
		"a value in plain text":    {strings.Replace(edited, password, "  password: hunter2\n", 1), good, secret, "plain-value"},
		"a value that was removed": {strings.Replace(edited, password, "", 1), good, secret, "values-changed"},
		"a key that was renamed":   {strings.Replace(edited, "password:", "pass:", 1), good, secret, "value-altered"},
		"an empty value more":      {strings.Replace(edited, password, password+"  more: \"\"\n", 1), good, secret, "values-changed"},
		"values in another order":  {moved(edited, password), good, secret, "values-changed"},
		"another MAC":              {replace(`(?m)^(  mac: ENC.AES256_GCM,data:).`, "${1}_")(edited), good, secret, "mac-malformed mac-altered"},
		"no MAC":                   {replace(`(?m)^ +mac: .*\n`, "")(edited), good, secret, "no-mac"},
		"another date":             {replace(`lastmodified: "20`, `lastmodified: "21`)(edited), good, secret, "mac-altered"},
		"another selector":         {strings.Replace(edited, "encrypted_regex: ^(data|stringData)$", "encrypted_regex: ^(stringData)$", 1), good, secret, "values-changed"},
		"another version's values": {edited, elsewhere, secret, "values-changed"},
		"an edited version before": {edited, edited, secret, "earlier-version"},
		"no key":                   {edited, good, other, "earlier-version"},
	} {
		body, answer := reseal(t, c.body, c.earlier, c.key)
		if answer.Failure == nil || !strings.Contains(c.reason, answer.Failure.Reason) || body != "" || strings.Contains(answer.Failure.Message, "hunter2") {
			t.Errorf("%s: %+v", name, answer.Failure)
		}
	}
}

// moved has a line of the values behind the next one.
func moved(body, line string) string {
	before, after, _ := strings.Cut(body, line)
	next, rest, _ := strings.Cut(after, "\n")
	return before + next + "\n" + line + rest
}
