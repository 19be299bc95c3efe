// Package sops looks into files that SOPS encrypted, with SOPS' own stores, selectors and ciphers.
//
//  1. A file is guarded like any manifest, then loaded by the store that its name calls for (load.go, metadata.go).
//  2. Without a key: each value's form and whether the file's own selector wants it encrypted (leaves.go, value.go, nested.go).
//  3. With native age identities, handed over by the caller: data key, values and MAC, in memory (keys.go, open.go).
//  4. Encryption, rotation and other recipients (encrypt.go, rewrap.go): native age, OpenPGP (pgp.go) and Vault's transit engine (addressees.go).
//  5. A new MAC after an edit of what stands in plain text (reseal.go); new keys (keygen.go).
//
// No message holds a value, encrypted or not.
package sops

import (
	"context"
	"io"
	"maps"
	"slices"

	"github.com/getsops/sops/v3/logging"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/jail"
	"gitops-validate/engine/internal/parse"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// The library logs comments that it could not decrypt, which may be secrets.
func init() {
	for _, logger := range logging.Loggers {
		logger.SetOutput(io.Discard)
	}
}

type fileArgs struct {
	Root   string `json:"root"`
	Path   string `json:"path"`
	Format string `json:"format"` // where the name does not say it, as it does not of an environment file without an ending
}

// Inspect answers `inspect`: what can be seen without a key.
func Inspect(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[fileArgs](request)
	if err != nil {
		return nil, nil, err
	}
	file, err := read(config, args, request.Blobs)
	if err != nil {
		return nil, nil, err
	}
	return file.inspect(), nil, nil
}

// read loads a file of a root, or the first blob under the name that it was given.
func read(config *worker.Config, args fileArgs, blobs [][]byte) (*file, error) {
	if args.Root == "" && len(blobs) > 0 {
		return args.load(blobs[0]), nil
	}
	files, err := jail.Open(config.Roots, args.Root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = files.Close() }()
	body, err := files.ReadFile(args.Path)
	if err != nil {
		return &file{path: args.Path, groups: [][]Recipient{}, problems: []fault.Problem{parse.Unreadable(err)}}, nil
	}
	return args.load(body), nil
}

func (a fileArgs) load(body []byte) *file {
	if !slices.Contains(slices.Collect(maps.Values(formatNames)), a.Format) {
		return load(a.Path, body)
	}
	return loadAs(a.Path, a.Format, body)
}
