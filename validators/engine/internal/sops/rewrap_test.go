package sops

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

func updateKeys(t *testing.T, body, key string, recipients ...string) (string, Encryption) {
	t.Helper()
	args, _ := json.Marshal(map[string]any{"root": "", "path": "s.yaml", "recipients": [][]string{recipients}})
	answer, blobs, err := UpdateKeys(context.Background(), &worker.Config{}, wire.Request{Args: args, Blobs: [][]byte{[]byte(body), []byte(key)}})
	if err != nil {
		t.Fatal(err)
	}
	if len(blobs) == 0 {
		return "", answer.(Encryption)
	}
	return string(blobs[0]), answer.(Encryption)
}

func TestAnotherRecipientChangesNoValue(t *testing.T) {
	secret, recipient := identity(t)
	added, addedRecipient := identity(t)
	good := encrypted(t, recipient)
	shared, answer := updateKeys(t, good, secret, recipient, addedRecipient)
	if answer.Failure != nil {
		t.Fatalf("%+v", answer.Failure)
	}
	for _, key := range []string{secret, added} {
		if said := verify(t, "s.yaml", shared, key); said.MAC != "valid" {
			t.Errorf("%+v", said)
		}
	}
	for _, kept := range values.FindAllString(good, -1) {
		if !strings.Contains(shared, kept) {
			t.Errorf("%s was encrypted again", kept)
		}
	}
}

func TestWhatIsNotShared(t *testing.T) {
	secret, recipient := identity(t)
	other, _ := identity(t)
	good := encrypted(t, recipient)
	for name, c := range map[string]struct{ body, key, recipient, reason string }{
		"an altered file":  {strings.Replace(good, "name: db", "name: x", 1), secret, recipient, "mac-mismatch"},
		"no key":           {good, other, recipient, "no-key"},
		"a PGP recipient":  {good, secret, "85D77543B3D624B63CEA9E6DBC17301B491B3F21", "unsupported-recipient"},
		"not an age key":   {good, secret, "age1x", "unsupported-recipient"},
		"nobody to decode": {good, secret, "", "unsupported-recipient"},
	} {
		if body, answer := updateKeys(t, c.body, c.key, c.recipient); answer.Failure == nil || answer.Failure.Reason != c.reason || body != "" {
			t.Errorf("%s: %+v", name, answer.Failure)
		}
	}
}

func TestWhoseAnIdentityIs(t *testing.T) {
	for _, hybrid := range []bool{false, true} {
		identity, recipient, err := generate(hybrid)
		if err != nil {
			t.Fatal(err)
		}
		public, _, _ := Recipients(context.Background(), nil, wire.Request{Blobs: [][]byte{[]byte("# a comment\n" + identity + "\n")}})
		if got := public.(Public).Recipients; len(got) != 1 || got[0] != recipient {
			t.Errorf("hybrid %v: %v", hybrid, got)
		}
	}
	public, _, _ := Recipients(context.Background(), nil, wire.Request{Blobs: [][]byte{[]byte("hunter2")}})
	if problems := public.(Public).Problems; len(problems) != 1 || problems[0].Reason != "bad-identities" || strings.Contains(problems[0].Message, "hunter2") {
		t.Errorf("%+v", problems)
	}
}
