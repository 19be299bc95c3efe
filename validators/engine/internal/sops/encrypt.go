package sops

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/aes"
	"github.com/getsops/sops/v3/version"

	sopsage "github.com/getsops/sops/v3/age"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

type encryptArgs struct {
	fileArgs
	Recipients     [][]Recipient `json:"recipients"`
	Threshold      int           `json:"shamir_threshold"`
	EncryptedRegex string        `json:"encrypted_regex"`
	LastModified   string        `json:"lastmodified"` // now, if missing
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
	if len(request.Blobs) != 1 {
		return nil, nil, fmt.Errorf("one blob is needed, the file in plain text")
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
	return seal(plain.store, sops.Tree{Branches: plain.branches, Metadata: plain.metadata, FilePath: args.Path}, args)
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
	return seal(inside.store, sops.Tree{Branches: inside.plain, Metadata: metadata, FilePath: args.Path}, args)
}

// seal makes a data key, encrypts it for each recipient, and every value with it.
func seal(store sops.Store, plain sops.Tree, args encryptArgs) (any, wire.Blobs, error) {
	groups, failure := keyGroups(args)
	if failure != nil {
		return Encryption{failure}, nil, nil
	}
	stamp := time.Now().UTC()
	if args.LastModified != "" {
		given, err := time.Parse(time.RFC3339, args.LastModified)
		if err != nil {
			return nil, nil, fmt.Errorf("lastmodified: %w", err)
		}
		stamp = given.UTC()
	}
	plain.Metadata.KeyGroups, plain.Metadata.ShamirThreshold, plain.Metadata.LastModified = groups, args.Threshold, stamp
	key, errs := plain.GenerateDataKeyWithKeyServices((&keys{}).client())
	if len(errs) > 0 {
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

// keyGroups accepts native age alone.
func keyGroups(args encryptArgs) ([]sops.KeyGroup, *fault.Failure) {
	var groups []sops.KeyGroup
	for _, named := range args.Recipients {
		var group sops.KeyGroup
		for _, recipient := range named {
			if _, err := nativeRecipient(recipient.ID); recipient.Type != sopsage.KeyTypeIdentifier || err != nil {
				return nil, &fault.Failure{Reason: "unsupported-recipient", Message: "only native age recipients (age1…, age1pq1…) are supported, not this one of type " + recipient.Type, Field: recipient.ID}
			}
			group = append(group, &sopsage.MasterKey{Recipient: recipient.ID})
		}
		if len(group) > 0 {
			groups = append(groups, group)
		}
	}
	if len(groups) == 0 {
		return nil, &fault.Failure{Reason: "no-recipients", Message: "nobody is named who could decrypt the file", Path: args.Path}
	}
	if args.Threshold != 0 && (len(groups) == 1 || args.Threshold < 2 || args.Threshold > len(groups)) {
		return nil, &fault.Failure{Reason: "bad-threshold", Message: fmt.Sprintf("shamir_threshold is %d, but there are %d key groups", args.Threshold, len(groups)), Field: "shamir_threshold"}
	}
	return groups, nil
}
