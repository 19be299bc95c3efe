package sops

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/aes"
	"github.com/getsops/sops/v3/version"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// dataKeySize is in bytes: AES-256.
const dataKeySize = 32

type encryptArgs struct {
	fileArgs
	Recipients     [][]Recipient `json:"recipients"`
	Threshold      int           `json:"shamir_threshold"`
	EncryptedRegex string        `json:"encrypted_regex"`
	LastModified   string        `json:"lastmodified"` // now, if missing
	DataKey        *int          `json:"data_key"`     // the blob that holds it; a new one, if missing
}

// Encryption is the answer to `encrypt` and `rotate`; without a failure, blob 0 is the encrypted file.
type Encryption struct {
	Failure *fault.Failure `json:"failure"`
}

// Encrypt answers `encrypt`: blob 0 is the plain YAML or JSON.
func Encrypt(_ context.Context, _ *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[encryptArgs](request)
	if err != nil {
		return nil, nil, err
	}
	if len(request.Blobs) == 0 {
		return nil, nil, errors.New("a blob is needed, the file in plain text")
	}
	plain := load(args.Path, request.Blobs[0])
	failure := plain.encryptable()
	if failure == nil {
		plain.metadata = sops.Metadata{EncryptedRegex: args.EncryptedRegex, Version: version.Version}
		failure = plain.checkChoice()
	}
	if failure != nil {
		return Encryption{failure}, nil, nil
	}
	return seal(plain.store, sops.Tree{Branches: plain.branches, Metadata: plain.metadata, FilePath: args.Path}, args, request.Blobs)
}

// encryptable refuses what SOPS would garble or leave in plain text.
func (f *file) encryptable() *fault.Failure {
	wrong := sorted(append(f.problems, f.repeated...))
	switch {
	case f.format != "yaml" && f.format != "json":
		return &fault.Failure{Reason: "unsupported-format", Message: "only YAML and JSON files are encrypted here", Path: f.path}
	case len(wrong) > 0:
		return f.failure(wrong[0])
	case f.written != nil:
		return &fault.Failure{Reason: "already-encrypted", Message: "the file has a sops field already", Path: f.path}
	}
	return nil
}

func (f *file) failure(problem fault.Problem) *fault.Failure {
	return &fault.Failure{Reason: problem.Reason, Message: problem.Message, Path: f.path, Line: problem.Line, Column: problem.Column}
}

// checkChoice refuses a selector that would leave everything in plain text, or that meets ciphertext.
func (f *file) checkChoice() *fault.Failure {
	if _, err := regexp.Compile(f.metadata.EncryptedRegex); err != nil || f.metadata.EncryptedRegex == "" {
		return &fault.Failure{Reason: "bad-selector", Message: "encrypted_regex is not a regular expression", Field: "encrypted_regex"}
	}
	f.written = map[string]any{}
	leaves, chosen := f.leaves(), 0
	for _, problem := range f.problems {
		if problem.Reason == "unsupported-structure" {
			return f.failure(problem)
		}
	}
	for _, leaf := range leaves {
		if leaf.Selected && leaf.State != "empty" {
			chosen++
		}
		if leaf.State == "encrypted" || leaf.State == "malformed" {
			return &fault.Failure{Reason: "already-encrypted", Message: "this value is encrypted already", Path: f.path, Line: leaf.Line, Column: leaf.Column}
		}
	}
	if chosen == 0 {
		return &fault.Failure{Reason: "nothing-selected", Message: "encrypted_regex chooses no value of this file", Path: f.path, Field: "encrypted_regex"}
	}
	return nil
}

// Rotate answers `rotate`: a new data key, so that whoever is no longer a recipient cannot read what comes.
func Rotate(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[encryptArgs](request)
	if err != nil {
		return nil, nil, err
	}
	inside, failure, err := sound(config, request, args.Path)
	if inside == nil {
		return Encryption{failure}, nil, err
	}
	if args.Recipients == nil {
		args.Recipients, args.Threshold = inside.groups, inside.metadata.ShamirThreshold
	}
	metadata := inside.metadata
	metadata.Version, metadata.ShamirThreshold, metadata.DataKey = version.Version, 0, nil
	return seal(inside.store, sops.Tree{Branches: inside.plain, Metadata: metadata, FilePath: args.Path}, args, request.Blobs)
}

// seal encrypts a data key for each recipient, and every value with it.
func seal(store sops.Store, plain sops.Tree, args encryptArgs, blobs [][]byte) (any, wire.Blobs, error) {
	to, failure := addresseesOf(args)
	if failure != nil {
		return Encryption{failure}, nil, nil
	}
	stamp, err := args.stamp()
	if err != nil {
		return nil, nil, err
	}
	key, err := args.dataKey(blobs, to)
	if err != nil {
		return nil, nil, err
	}
	plain.Metadata.KeyGroups, plain.Metadata.ShamirThreshold, plain.Metadata.LastModified = to.groups, args.Threshold, stamp
	if errs := plain.Metadata.UpdateMasterKeysWithKeyServices(key, to.client()); len(errs) > 0 {
		return nil, nil, fmt.Errorf("cannot encrypt the data key for %d of the recipients", len(errs))
	}
	cipher := aes.NewCipher()
	mac, err := plain.Encrypt(key, cipher)
	if err != nil {
		return Encryption{&fault.Failure{Reason: "unsupported-structure", Message: "SOPS cannot encrypt a value of an unknown type", Path: args.Path}}, nil, nil
	}
	if plain.Metadata.MessageAuthenticationCode, err = cipher.Encrypt(mac, key, stamp.Format(time.RFC3339)); err != nil {
		return nil, nil, err
	}
	body, err := store.EmitEncryptedFile(plain)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot write the file in SOPS' form")
	}
	return Encryption{}, wire.Blobs{body}, nil
}

// stamp is the time that the file names as its last change.
func (args encryptArgs) stamp() (time.Time, error) {
	if args.LastModified == "" {
		return time.Now().UTC(), nil
	}
	given, err := time.Parse(time.RFC3339, args.LastModified)
	if err != nil {
		return time.Time{}, fmt.Errorf("lastmodified: %w", err)
	}
	return given.UTC(), nil
}

// dataKey is the one that the request brings, else a new one; what Vault encrypted is the request's own.
func (args encryptArgs) dataKey(blobs [][]byte, to *addressees) ([]byte, error) {
	switch given := args.DataKey; {
	case given == nil && len(to.vault) > 0:
		return nil, errors.New("the data key is needed that Vault encrypted")
	case given == nil:
		key := make([]byte, dataKeySize)
		_, err := rand.Read(key)
		return key, err
	case *given < 0 || *given >= len(blobs) || len(blobs[*given]) != dataKeySize:
		return nil, fmt.Errorf("data_key must be a blob of %d bytes", dataKeySize)
	}
	return blobs[*args.DataKey], nil
}
