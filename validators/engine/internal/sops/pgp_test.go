package sops

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/getsops/sops/v3/decrypt"
	"github.com/getsops/sops/v3/pgp"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

func pgpKey(t *testing.T, config *packet.Config) *openpgp.Entity {
	t.Helper()
	entity, err := openpgp.NewEntity("Ada Lovelace", "", "ada@acme.example", config)
	if err != nil {
		t.Fatal(err)
	}
	return entity
}

func exported(t *testing.T, entity *openpgp.Entity) string {
	t.Helper()
	body, err := armoured(entity)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func exportedPrivately(t *testing.T, entity *openpgp.Entity, kind string) string {
	t.Helper()
	var out bytes.Buffer
	around, err := armor.Encode(&out, kind, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := entity.SerializePrivate(around, nil); err != nil {
		t.Fatal(err)
	}
	if err := around.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String() + "\n"
}

func askPGP(t *testing.T, text string) (PublicKey, string) {
	t.Helper()
	answer, blobs, err := PGP(context.Background(), nil, wire.Request{Blobs: [][]byte{[]byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	if len(blobs) == 0 {
		return answer.(PublicKey), ""
	}
	return answer.(PublicKey), string(blobs[0])
}

func encryptTo(t *testing.T, args map[string]any, blobs ...string) (string, Encryption) {
	t.Helper()
	args["path"], args["encrypted_regex"] = "s.yaml", choice
	encoded, _ := json.Marshal(args)
	request := wire.Request{Args: encoded}
	for _, blob := range append([]string{plain}, blobs...) {
		request.Blobs = append(request.Blobs, []byte(blob))
	}
	answer, made, err := Encrypt(context.Background(), nil, request)
	if err != nil {
		t.Fatal(err)
	}
	if len(made) == 0 {
		return "", answer.(Encryption)
	}
	return string(made[0]), answer.(Encryption)
}

func toBoth(recipient string, key PublicKey, public string) map[string]any {
	return map[string]any{"recipients": [][]Recipient{{{Type: "age", ID: recipient}, {Type: "pgp", ID: key.Fingerprint, Key: public}}}}
}

func TestSOPSOpensWhatIsEncryptedToAPGPKey(t *testing.T) {
	secret, recipient := identity(t)
	entity := pgpKey(t, nil)
	key, public := askPGP(t, exported(t, entity))
	if len(key.Problems) > 0 || len(key.Fingerprint) != 40 || key.Name != "Ada Lovelace <ada@acme.example>" || key.Expires != "" {
		t.Fatalf("%+v", key)
	}
	body, answer := encryptTo(t, toBoth(recipient, key, public))
	if answer.Failure != nil {
		t.Fatalf("%+v", answer.Failure)
	}
	if said := verify(t, "s.yaml", body, secret); said.MAC != "valid" {
		t.Errorf("%+v", said)
	}
	found := load("s.yaml", []byte(body))
	master := found.metadata.KeyGroups[0][0].(*pgp.MasterKey)
	if master.Fingerprint != key.Fingerprint || time.Since(master.CreationDate) > time.Hour || len(found.inspect().Problems) > 0 {
		t.Errorf("%+v", master)
	}
	block, err := armor.Decode(strings.NewReader(master.EncryptedKey))
	if err != nil {
		t.Fatal(err)
	}
	message, err := openpgp.ReadMessage(block.Body, openpgp.EntityList{entity}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var opened bytes.Buffer
	if _, err := opened.ReadFrom(message.UnverifiedBody); err != nil || opened.Len() != dataKeySize {
		t.Errorf("%d bytes, %v", opened.Len(), err)
	}
}

// TestGnuPGOpensIt lets GnuPG make the key, and SOPS call GnuPG, as people and kustomize-controller do.
func TestGnuPGOpensIt(t *testing.T) {
	gpg, err := exec.LookPath("gpg")
	if err != nil {
		t.Skip("gpg is not installed")
	}
	home, err := os.MkdirTemp("", "gpg") // sockets need a short path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run()
		_ = os.RemoveAll(home)
	})
	for _, algorithm := range []string{"default", "future-default"} {
		t.Run(algorithm, func(t *testing.T) {
			run := func(arguments ...string) string {
				said, err := exec.Command(gpg, append([]string{"--homedir", home, "--batch", "--pinentry-mode", "loopback", "--passphrase", ""}, arguments...)...).Output()
				if err != nil {
					t.Fatal(arguments, err)
				}
				return string(said)
			}
			run("--quick-generate-key", algorithm+"@acme.example", algorithm, "default", "1y")
			key, public := askPGP(t, run("--armor", "--export", algorithm+"@acme.example"))
			if len(key.Problems) > 0 || key.Expires == "" {
				t.Fatalf("%+v", key)
			}
			_, recipient := identity(t)
			body, answer := encryptTo(t, toBoth(recipient, key, public))
			if answer.Failure != nil {
				t.Fatalf("%+v", answer.Failure)
			}
			t.Setenv("GNUPGHOME", home)
			t.Setenv("SOPS_AGE_KEY", "")
			back, err := decrypt.Data([]byte(body), "yaml")
			if err != nil || strings.ReplaceAll(string(back), "    ", "  ") != plain {
				t.Errorf("%v\n%s", err, back)
			}
		})
	}
}

func TestPGPKeysThatAreNotTaken(t *testing.T) {
	past := &packet.Config{Time: func() time.Time { return time.Now().Add(-2 * time.Hour) }, KeyLifetimeSecs: 3600}
	revoked, bare, stale := pgpKey(t, nil), pgpKey(t, nil), pgpKey(t, nil)
	if err := revoked.RevokeKey(packet.KeyCompromised, "", nil); err != nil {
		t.Fatal(err)
	}
	bare.Subkeys = nil
	if err := stale.RevokeSubkey(&stale.Subkeys[0], packet.KeySuperseded, "", nil); err != nil {
		t.Fatal(err)
	}
	good := exported(t, pgpKey(t, nil))
	own := pgpKey(t, nil)
	for name, c := range map[string]struct{ text, words string }{
		"nothing":               {"", "no armoured OpenPGP public key"},
		"another text":          {"hunter2", "no armoured OpenPGP public key"},
		"damaged":               {good[:len(good)/2], "no armoured OpenPGP public key"},
		"a message":             {strings.ReplaceAll(good, "PUBLIC KEY BLOCK", "MESSAGE"), "no armoured OpenPGP public key"},
		"two keys":              {good + exported(t, own), "more than one key"},
		"private":               {exportedPrivately(t, own, openpgp.PrivateKeyType), "this is a private key"},
		"private under a cover": {exportedPrivately(t, own, openpgp.PublicKeyType), "this is a private key"},
		"expired":               {exported(t, pgpKey(t, past)), "this key expired"},
		"revoked":               {exported(t, revoked), "this key was revoked"},
		"for signing only":      {exported(t, bare), "no subkey that can be encrypted to"},
		"a revoked subkey":      {exported(t, stale), "no subkey that can be encrypted to"},
		"huge":                  {strings.Repeat(" ", largestKey+1), "larger than a megabyte"},
		"of a later version":    {exported(t, pgpKey(t, &packet.Config{V6Keys: true})), "make one of version 4"},
	} {
		key, body := askPGP(t, c.text)
		if len(key.Problems) != 1 || !strings.Contains(key.Problems[0].Message, c.words) || body != "" || strings.Contains(key.Problems[0].Message, "hunter2") {
			t.Errorf("%s: %+v", name, key)
		}
	}
}

func TestOnlyThePublicKeyOfTheFingerprintIsEncryptedTo(t *testing.T) {
	_, recipient := identity(t)
	first, public := askPGP(t, exported(t, pgpKey(t, nil)))
	_, other := askPGP(t, exported(t, pgpKey(t, nil)))
	for name, text := range map[string]string{"another's": other, "none": ""} {
		if body, answer := encryptTo(t, toBoth(recipient, first, text)); answer.Failure == nil || answer.Failure.Reason != "unsupported-recipient" || body != "" {
			t.Errorf("%s: %+v", name, answer)
		}
	}
	if _, answer := encryptTo(t, toBoth(recipient, first, public)); answer.Failure != nil {
		t.Errorf("%+v", answer.Failure)
	}
}

func TestRotationAndOtherRecipientsWithAPGPKey(t *testing.T) {
	secret, recipient := identity(t)
	key, public := askPGP(t, exported(t, pgpKey(t, nil)))
	body, _ := encryptTo(t, map[string]any{"recipients": [][]string{{recipient}}})
	args, _ := json.Marshal(map[string]any{"root": "", "path": "s.yaml", "recipients": toBoth(recipient, key, public)["recipients"]})
	for name, handler := range map[string]worker.Handler{"rotate": Rotate, "updatekeys": UpdateKeys} {
		answer, blobs, err := handler(context.Background(), &worker.Config{}, wire.Request{Args: args, Blobs: [][]byte{[]byte(body), []byte(secret)}})
		if err != nil || len(blobs) != 1 {
			t.Fatalf("%s: %v %+v", name, err, answer)
		}
		if said := verify(t, "s.yaml", string(blobs[0]), secret); said.MAC != "valid" || !strings.Contains(string(blobs[0]), "fp: "+key.Fingerprint) {
			t.Errorf("%s: %+v", name, said)
		}
	}
}
