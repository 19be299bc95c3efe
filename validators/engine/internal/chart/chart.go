// Package chart brings charts into the content-addressed cache.
//
//  1. Mirrors say where a chart is really taken from (place.go): another address, or a folder of archives (folder.go).
//  2. What was resolved before is taken from the cache, whose content is hashed again at each use (cache.go).
//  3. The rest is fetched, if this worker and the request allow connections at all, from a Helm repository (repository.go) or a registry
//     (registry.go), and only from the hosts that the request names (gate.go), which alone are shown their login (login.go).
package chart

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// patience bounds all connections of one request together.
const patience = 100 * time.Second

// arguments of the operation; docs/engine.md says what they mean.
type arguments struct {
	Kind        string            `json:"kind"`
	URL         string            `json:"url"`
	Chart       string            `json:"chart"`
	Version     string            `json:"version"`
	Digest      string            `json:"digest"`
	Hosts       []string          `json:"hosts"`
	PublicHosts []string          `json:"public_hosts"`
	Mirrors     map[string]string `json:"mirrors"`
	Logins      map[string]login  `json:"logins"`
	Authorities string            `json:"authorities"`
	Offline     bool              `json:"offline"`
	Insecure    bool              `json:"insecure"`
}

// result of the operation; docs/engine.md says what it means.
type result struct {
	Archive  string         `json:"archive"`
	Digest   string         `json:"digest"`
	Version  string         `json:"version"`
	Manifest string         `json:"manifest"`
	Failure  *fault.Failure `json:"failure"`
}

// trouble is why a chart did not come, under the name of its reason.
type trouble struct {
	reason string
	err    error
}

func (t *trouble) Error() string { return t.err.Error() }
func (t *trouble) Unwrap() error { return t.err }

// because names the reason of an error; an error that already has one keeps it.
func because(reason string, err error) error {
	var known *trouble
	if err == nil || errors.As(err, &known) {
		return err
	}
	return &trouble{reason, err}
}

func failed(reason, format string, values ...any) error {
	return &trouble{reason, fmt.Errorf(format, values...)}
}

// Fetch answers the chart operation.
func Fetch(ctx context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[arguments](request)
	if err != nil {
		return nil, nil, err
	}
	store, err := open(config.Charts)
	if err != nil {
		return nil, nil, err
	}
	defer store.close()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found, err := (&fetching{config, args, store}).run(ctx)
	var known *trouble
	switch {
	case errors.As(err, &known):
		return result{Failure: &fault.Failure{Reason: known.reason, Message: hidden(err.Error(), args.Logins)}}, nil, nil
	case err != nil:
		return nil, nil, errors.New(hidden(err.Error(), args.Logins))
	}
	return found, nil, nil
}

// fetching is one request on its way to an archive.
type fetching struct {
	config *worker.Config
	args   arguments
	store  *store
}

func (f *fetching) run(ctx context.Context) (result, error) {
	where, err := place(f.args)
	if err != nil {
		return result{}, err
	}
	if where.folder != "" {
		return f.fromFolder(where)
	}
	if known, ok := f.store.recall(where); ok {
		return known, f.expected(where, known)
	}
	if f.args.Offline || !f.config.Network {
		return result{}, failed("offline", "%s is not in the chart cache, and no connection may be opened", where)
	}
	var found result
	if where.registry {
		found, err = f.fromRegistry(ctx, where)
	} else {
		found, err = f.fromRepository(ctx, where)
	}
	if err != nil {
		return result{}, err
	}
	if err := f.expected(where, found); err != nil {
		return result{}, err
	}
	return found, f.store.remember(where, found)
}

// expected compares what came with the digest that was asked for: of the manifest in a registry, of the archive elsewhere.
func (f *fetching) expected(where address, found result) error {
	got := found.Digest
	if where.registry {
		got = found.Manifest
	}
	if f.args.Digest != "" && f.args.Digest != got {
		return failed("digest-mismatch", "%s has the digest %s instead of %s", where, got, f.args.Digest)
	}
	return nil
}
