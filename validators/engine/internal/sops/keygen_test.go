package sops

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"filippo.io/age"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

func TestKeygenGivesAnIdentityAndItsOwnRecipient(t *testing.T) {
	for args, prefix := range map[string]string{`{}`: "age1", `{"hybrid": true}`: "age1pq1"} {
		result, blobs, err := Keygen(context.Background(), &worker.Config{}, wire.Request{Args: json.RawMessage(args)})
		if err != nil {
			t.Fatal(err)
		}
		recipient := result.(Generated).Recipient
		found, err := age.ParseIdentities(strings.NewReader(string(blobs[0])))
		if err != nil || len(found) != 1 || !strings.HasPrefix(recipient, prefix) {
			t.Fatalf("%s: %d identities, recipient %s, %v", args, len(found), recipient, err)
		}
		if own, classic := found[0].(*age.X25519Identity); classic && own.Recipient().String() != recipient {
			t.Errorf("the recipient is not the identity's own")
		}
	}
}
