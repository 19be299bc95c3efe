package sops

import (
	"context"
	"fmt"

	"github.com/getsops/sops/v3"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// UpdateKeys answers `updatekeys`: the same data key for other recipients. No value changes, nor does the MAC.
func UpdateKeys(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[encryptArgs](request)
	if err != nil {
		return nil, nil, err
	}
	inside, failure, err := sound(config, request, args.Path)
	if inside == nil {
		return Encryption{failure}, nil, err
	}
	to, failure := addresseesOf(args)
	if failure != nil {
		return Encryption{failure}, nil, nil
	}
	metadata := inside.metadata
	metadata.KeyGroups, metadata.ShamirThreshold = to.groups, args.Threshold
	if errs := metadata.UpdateMasterKeysWithKeyServices(inside.key, to.client()); len(errs) > 0 {
		return nil, nil, fmt.Errorf("cannot encrypt the data key for %d of the recipients", len(errs))
	}
	body, err := inside.store.EmitEncryptedFile(sops.Tree{Branches: inside.branches, Metadata: metadata, FilePath: args.Path})
	if err != nil {
		return nil, nil, fmt.Errorf("cannot write the file in SOPS' form")
	}
	return Encryption{}, wire.Blobs{body}, nil
}

// DataKey answers `datakey`: the data key of a file, as blob 0, for what only the caller can ask to encrypt it.
func DataKey(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[fileArgs](request)
	if err != nil {
		return nil, nil, err
	}
	inside, failure, err := sound(config, request, args.Path)
	if inside == nil {
		return Encryption{failure}, nil, err
	}
	return Encryption{}, wire.Blobs{inside.key}, nil
}

// sound opens a file that is to be written again, which a file that somebody altered is not.
func sound(config *worker.Config, request wire.Request, path string) (*opened, *fault.Failure, error) {
	verdict, inside, err := unlocked(config, request)
	if err != nil || verdict.MAC == "valid" {
		return inside, nil, err
	}
	failure := &fault.Failure{Reason: "no-mac", Message: "the file holds no MAC", Path: path}
	if len(verdict.Problems) > 0 {
		failure = (&file{path: path}).failure(verdict.Problems[0])
	}
	return nil, failure, nil
}
