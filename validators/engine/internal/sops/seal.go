package sops

import (
	"context"
	"errors"
	"time"

	sops "github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/aes"
	"github.com/getsops/sops/v3/age"
	"github.com/getsops/sops/v3/keyservice"
	sopsversion "github.com/getsops/sops/v3/version"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

type sealArgs struct {
	Root           string     `json:"root"`
	Path           string     `json:"path"`
	Recipients     [][]string `json:"recipients"`
	EncryptedRegex string     `json:"encrypted_regex"`
	LastModified   string     `json:"lastmodified"`
}

// Encrypt answers `encrypt`.
func Encrypt(_ context.Context, _ *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[sealArgs](request)
	if err != nil {
		return nil, nil, err
	}
	if len(request.Blobs) != 1 {
		return nil, nil, errors.New("one plain file is needed")
	}
	store, _ := store(args.Path)
	branches, err := store.LoadPlainFile(request.Blobs[0])
	if err != nil {
		return nil, nil, errors.New("the plain file cannot be read: " + plainly(err))
	}
	metadata := sops.Metadata{EncryptedRegex: args.EncryptedRegex}
	if args.EncryptedRegex == "" {
		metadata.UnencryptedSuffix = sops.DefaultUnencryptedSuffix
	}
	body, err := seal(sops.Tree{Branches: branches, Metadata: metadata}, args, store)
	return struct{}{}, wire.Blobs{body}, err
}

// Rotate answers `rotate`: the values of a file under a new data key, for the recipients that are given.
func Rotate(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[sealArgs](request)
	if err != nil {
		return nil, nil, err
	}
	tree, err := opened(config, request)
	if err != nil {
		return nil, nil, err
	}
	wipe(tree)
	tree.Metadata.DataKey = nil
	store, _ := store(args.Path)
	body, err := seal(*tree, args, store)
	return struct{}{}, wire.Blobs{body}, err
}

// seal encrypts a tree under a new data key and signs it.
func seal(tree sops.Tree, args sealArgs, store sops.Store) ([]byte, error) {
	groups, err := groups(args.Recipients)
	if err != nil {
		return nil, err
	}
	tree.Metadata.KeyGroups, tree.Metadata.Version, tree.Metadata.LastModified = groups, sopsversion.Version, time.Now().UTC()
	if args.LastModified != "" {
		if tree.Metadata.LastModified, err = time.Parse(time.RFC3339, args.LastModified); err != nil {
			return nil, errors.New("lastmodified is no RFC 3339 time")
		}
	}
	if len(groups) > 1 {
		tree.Metadata.ShamirThreshold = len(groups)
	}
	key, faults := tree.GenerateDataKeyWithKeyServices([]keyservice.KeyServiceClient{identities{}})
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	cipher := aes.NewCipher()
	code, err := tree.Encrypt(key, cipher)
	if err != nil {
		return nil, errors.New("a value cannot be encrypted")
	}
	tree.Metadata.MessageAuthenticationCode, err = cipher.Encrypt(code, key, tree.Metadata.LastModified.Format(time.RFC3339))
	if err != nil {
		return nil, err
	}
	wipe(&tree)
	return store.EmitEncryptedFile(tree)
}

func groups(recipients [][]string) ([]sops.KeyGroup, error) {
	var found []sops.KeyGroup
	for _, group := range recipients {
		var keys sops.KeyGroup
		for _, recipient := range group {
			if _, err := parseRecipient(recipient); err != nil {
				return nil, err
			}
			keys = append(keys, &age.MasterKey{Recipient: recipient})
		}
		found = append(found, keys)
	}
	if len(found) == 0 || len(found[0]) == 0 {
		return nil, errors.New("a file needs a recipient")
	}
	return found, nil
}
