package sops

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getsops/sops/v3/decrypt"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

const given = "0123456789abcdef0123456789abcdef" // a data key

// transit is Vault's transit engine as far as SOPS asks it, with a cipher that is easily read.
func transit(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, request *http.Request) {
		var asked struct{ Ciphertext string }
		_ = json.NewDecoder(request.Body).Decode(&asked)
		text, found := strings.CutPrefix(asked.Ciphertext, "vault:v1:")
		if !found || request.URL.Path != "/v1/teams/transit/decrypt/platform" || request.Header.Get("X-Vault-Token") != "a-token" {
			http.Error(out, `{"errors": ["no"]}`, http.StatusForbidden)
			return
		}
		_ = json.NewEncoder(out).Encode(map[string]any{"data": map[string]string{"plaintext": text}})
	}))
	t.Cleanup(server.Close)
	return server
}

func toVault(recipient, address, enc string) map[string]any {
	return map[string]any{"data_key": 1, "recipients": [][]Recipient{{{Type: "age", ID: recipient}, {Type: "hc_vault", ID: address, Enc: enc}}}}
}

func TestSOPSOpensWhatVaultEncrypted(t *testing.T) {
	secret, recipient := identity(t)
	address := transit(t).URL + "/v1/teams/transit/keys/platform"
	body, answer := encryptTo(t, toVault(recipient, address, "vault:v1:"+base64.StdEncoding.EncodeToString([]byte(given))), given)
	if answer.Failure != nil {
		t.Fatalf("%+v", answer.Failure)
	}
	if said := verify(t, "s.yaml", body, secret); said.MAC != "valid" {
		t.Errorf("with the age key: %+v", said)
	}
	t.Setenv("SOPS_AGE_KEY", "")
	t.Setenv("VAULT_TOKEN", "a-token")
	back, err := decrypt.Data([]byte(body), "yaml")
	if err != nil || strings.ReplaceAll(string(back), "    ", "  ") != plain {
		t.Errorf("%v\n%s", err, back)
	}
	if found := load("s.yaml", []byte(body)).inspect(); len(found.Problems) > 0 || found.Recipients[0][0] != (Recipient{Type: "hc_vault", ID: address}) {
		t.Errorf("%+v", found)
	}
}

func TestTheDataKeyOfAFile(t *testing.T) {
	secret, recipient := identity(t)
	other, _ := identity(t)
	body, _ := encryptTo(t, map[string]any{"recipients": [][]string{{recipient}}, "data_key": 1}, given)
	args, _ := json.Marshal(map[string]any{"root": "", "path": "s.yaml"})
	ask := func(text, key string) (any, wire.Blobs) {
		answer, blobs, err := DataKey(context.Background(), &worker.Config{}, wire.Request{Args: args, Blobs: [][]byte{[]byte(text), []byte(key)}})
		if err != nil {
			t.Fatal(err)
		}
		return answer, blobs
	}
	if _, blobs := ask(body, secret); len(blobs) != 1 || string(blobs[0]) != given {
		t.Errorf("%q", blobs)
	}
	if answer, blobs := ask(body, other); len(blobs) > 0 || answer.(Encryption).Failure.Reason != "no-key" {
		t.Errorf("%+v", answer)
	}
	if answer, blobs := ask(strings.Replace(body, "name: db", "name: x", 1), secret); len(blobs) > 0 || answer.(Encryption).Failure.Reason != "mac-mismatch" {
		t.Errorf("%+v", answer)
	}
}

func TestVaultKeysThatAreNotTaken(t *testing.T) {
	_, recipient := identity(t)
	for name, c := range map[string]struct{ address, enc string }{
		"no address":         {"platform", "vault:v1:AA=="},
		"another path":       {"https://vault.example/ui/keys/platform", "vault:v1:AA=="},
		"a slash at the end": {"https://vault.example/v1/transit/keys/platform/", "vault:v1:AA=="},
		"nothing encrypted":  {"https://vault.example/v1/transit/keys/platform", ""},
		"another text":       {"https://vault.example/v1/transit/keys/platform", "hunter2"},
	} {
		if body, answer := encryptTo(t, toVault(recipient, c.address, c.enc), given); answer.Failure == nil || answer.Failure.Reason != "unsupported-recipient" || body != "" {
			t.Errorf("%s: %+v", name, answer)
		}
	}
	args := toVault(recipient, "https://vault.example/v1/transit/keys/platform", "vault:v1:AA==")
	args["recipients"] = append(args["recipients"].([][]Recipient), []Recipient{{Type: "age", ID: recipient}})
	if _, answer := encryptTo(t, args, given); answer.Failure == nil || !strings.Contains(answer.Failure.Message, "only one key group") {
		t.Errorf("%+v", answer)
	}
}

func TestTheDataKeyThatVaultEncryptedIsNeeded(t *testing.T) {
	_, recipient := identity(t)
	for name, c := range map[string]struct {
		index any
		blobs [][]byte
	}{"none": {nil, [][]byte{[]byte(plain)}}, "a short one": {1, [][]byte{[]byte(plain), []byte("x")}}, "no such blob": {7, [][]byte{[]byte(plain)}}} {
		args := toVault(recipient, "https://vault.example/v1/transit/keys/platform", "vault:v1:AA==")
		args["path"], args["encrypted_regex"], args["data_key"] = "s.yaml", choice, c.index
		encoded, _ := json.Marshal(args)
		if _, _, err := Encrypt(context.Background(), nil, wire.Request{Args: encoded, Blobs: c.blobs}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
