package sops

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	sops "github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/aes"
	"github.com/getsops/sops/v3/keyservice"
	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

type verified struct {
	MAC      string          `json:"mac"` // valid, invalid, missing or unknown
	Problems []fault.Problem `json:"problems"`
}

// trouble is why a file could not be opened; its message quotes nothing of the file.
type trouble struct{ reason, message string }

func (t *trouble) Error() string { return t.message }

// Verify answers `verify`: every value is decrypted and the MAC compared, and nothing but the outcome leaves.
func Verify(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	tree, err := opened(config, request)
	if err == nil {
		wipe(tree)
		return verified{MAC: "valid", Problems: []fault.Problem{}}, nil, nil
	}
	var known *trouble
	if !errors.As(err, &known) {
		return nil, nil, err
	}
	mac := map[string]string{"mac-mismatch": "invalid", "no-mac": "missing"}[known.reason]
	if mac == "" {
		mac = "unknown"
	}
	return verified{MAC: mac, Problems: []fault.Problem{{Reason: known.reason, Message: known.message, Line: 1, Column: 1}}}, nil, nil
}

// Decrypt answers `decrypt` with the documents as JSON.
func Decrypt(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	tree, err := opened(config, request)
	if err != nil {
		return nil, nil, err
	}
	args, _ := worker.Decode[fileArgs](request)
	store, format := store(args.Path)
	var blobs wire.Blobs
	for _, branch := range tree.Branches {
		plain, err := store.EmitPlainFile(sops.TreeBranches{branch})
		if err != nil {
			return nil, nil, errors.New("the decrypted values cannot be written in the file's format")
		}
		if format == "yaml" {
			if plain, err = yaml.YAMLToJSON(plain); err != nil {
				return nil, nil, errors.New("the decrypted values are no YAML")
			}
		}
		blobs.Add(plain)
	}
	return map[string]int{"documents": len(blobs)}, blobs, nil
}

// opened decrypts a file in memory and compares its MAC.
func opened(config *worker.Config, request wire.Request) (*sops.Tree, error) {
	args, err := worker.Decode[fileArgs](request)
	if err != nil {
		return nil, err
	}
	if len(request.Blobs) != 1 {
		return nil, errors.New("age identities are needed")
	}
	known, err := parseIdentities(request.Blobs[0])
	if err != nil {
		return nil, err
	}
	body, err := readFile(config, args)
	if err != nil {
		return nil, err
	}
	return unlock(args.Path, body, known)
}

func unlock(name string, body []byte, known identities) (*sops.Tree, error) {
	tree, _, err := load(name, body)
	if err != nil {
		return nil, &trouble{"metadata", "SOPS cannot read its metadata: " + plainly(err)}
	}
	key, err := tree.Metadata.GetDataKeyWithKeyServices([]keyservice.KeyServiceClient{known}, nil)
	if err != nil {
		return nil, &trouble{"no-key", "none of the given identities opens the data key"}
	}
	cipher := aes.NewCipher()
	computed, err := tree.Decrypt(key, cipher)
	if err != nil {
		return nil, &trouble{"value-altered", "a value does not decrypt: it was edited, moved or renamed after it was encrypted" + where(err)}
	}
	if tree.Metadata.MessageAuthenticationCode == "" {
		return nil, &trouble{"no-mac", "the metadata has no MAC"}
	}
	written, err := cipher.Decrypt(tree.Metadata.MessageAuthenticationCode, key, tree.Metadata.LastModified.Format(time.RFC3339))
	if err != nil || written != computed {
		return nil, &trouble{"mac-mismatch", "the MAC does not match: something was added, removed or changed after the file was encrypted"}
	}
	return &tree, nil
}

// where names the path of a value from an error of SOPS, if it does.
func where(err error) string {
	if _, after, found := strings.Cut(err.Error(), "path "); found {
		return fmt.Sprintf(" (%s)", strings.Fields(after)[0])
	}
	return ""
}

// wipe forgets the data key.
func wipe(tree *sops.Tree) {
	for i := range tree.Metadata.DataKey {
		tree.Metadata.DataKey[i] = 0
	}
}
