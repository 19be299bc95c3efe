package sops

import (
	"context"
	"errors"
	"time"

	"filippo.io/age"
	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/aes"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// Verdict is what a key shows of a file. No value is in it.
type Verdict struct {
	MAC      string          `json:"mac"` // valid, invalid, missing, or unknown if it could not be compared
	Values   []Fingerprint   `json:"values,omitempty"`
	Problems []fault.Problem `json:"problems"`
}

// Verify answers `verify`.
func Verify(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	verdict, inside, err := unlocked(config, request)
	if inside != nil && inside.whole {
		verdict.Values = inside.fingerprints(request.Blobs[len(request.Blobs)-1])
	}
	return verdict, nil, err
}

// unlocked reads a file and opens it with the identities of the last blob.
func unlocked(config *worker.Config, request wire.Request) (Verdict, *opened, error) {
	args, err := worker.Decode[fileArgs](request)
	if err != nil {
		return Verdict{}, nil, err
	}
	if args.Root == "" && len(request.Blobs) < 2 {
		return Verdict{}, nil, errors.New("a root, or the file and the identities as blobs, are needed")
	}
	file, err := read(config, args, request.Blobs)
	if err != nil {
		return Verdict{}, nil, err
	}
	own, problem := identities(request.Blobs)
	if problem != nil {
		return Verdict{MAC: file.macUnknown(), Problems: []fault.Problem{*problem}}, nil, nil
	}
	verdict, inside := file.open(own)
	return verdict, inside, nil
}

// opened is a file in plain text; it never leaves memory but as the answer to `decrypt`.
type opened struct {
	*file
	plain    sops.TreeBranches
	key      []byte
	computed string // the MAC as it should be
	whole    bool   // every value could be decrypted
}

// macUnknown is what can be said of the MAC before it is compared.
func (f *file) macUnknown() string {
	if f.written != nil && f.metadata.MessageAuthenticationCode == "" {
		return "missing"
	}
	return "unknown"
}

// open decrypts all values, and checks the MAC as SOPS does.
func (f *file) open(own []age.Identity) (verdict Verdict, inside *opened) {
	verdict.MAC = f.macUnknown()
	defer func() { verdict.Problems = sorted(f.problems) }()
	if f.written == nil && f.branches != nil {
		f.report("no-metadata", "SOPS did not encrypt this file: it has no metadata", 1, 1)
	}
	if f.branches == nil || !f.valid {
		return verdict, nil
	}
	key, problem := f.unlock(own)
	if problem != nil {
		f.problems = append(f.problems, *problem)
		return verdict, nil
	}
	inside = &opened{file: f, plain: copyOf(f.branches), key: key}
	before := len(f.problems)
	computed, err := sops.Tree{Branches: inside.plain, Metadata: f.metadata}.Decrypt(key, lenient{aes.NewCipher()})
	inside.computed = computed
	f.reportValues(inside.plain, err == nil)
	if inside.whole = len(f.problems) == before && err == nil; !inside.whole {
		return verdict, inside
	}
	if verdict.MAC != "missing" {
		verdict.MAC = f.compare(key, computed)
	}
	return verdict, inside
}

// compare holds the MAC of the values against the one in the file, which is bound to lastmodified.
func (f *file) compare(key []byte, computed string) string {
	stamp := f.metadata.LastModified.Format(time.RFC3339)
	written, err := lenient{aes.NewCipher()}.attempt(f.metadata.MessageAuthenticationCode, key, stamp)
	switch {
	case err != nil:
		f.fault("mac-altered", "the MAC cannot be decrypted: it, or lastmodified, was edited", "mac")
	case written != computed:
		f.fault("mac-mismatch", "a value was changed, added or removed since SOPS wrote this file", "mac")
	default:
		return "valid"
	}
	return "invalid"
}

// lenient goes on after a value that cannot be decrypted, which SOPS' walk does not, so that each has its place.
type lenient struct{ aes.Cipher }

var failed = sops.Comment{Value: "\x00failed"}

// Decrypt returns failed for a value that cannot be decrypted.
func (l lenient) Decrypt(text string, key []byte, path string) (any, error) {
	plain, err := l.attempt(text, key, path)
	if err != nil {
		return failed, nil
	}
	return plain, nil
}

// attempt survives the library's panic on a value of type bytes.
func (l lenient) attempt(text string, key []byte, path string) (plain any, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("unsupported type")
		}
	}()
	return l.Cipher.Decrypt(text, key, path)
}

// reportValues names each value that did not decrypt. After an abort, at a value that is no string, those behind it were not tried.
func (f *file) reportValues(plain sops.TreeBranches, complete bool) {
	for _, leaf := range f.leavesOnly() {
		switch {
		case leaf.Selected && leaf.State == "plain":
			f.report("plain-value", "this value should be encrypted, but stands in plain text", leaf.Line, leaf.Column)
		case leaf.Selected && leaf.State == "malformed":
			f.report("malformed-value", "this value cannot be decrypted: "+leaf.Fault, leaf.Line, leaf.Column)
		}
	}
	f.walk(plain, func(at step) {
		text, _ := at.value.(string)
		if _, wrong := readValue(text); wrong == "" && at.made == failed {
			place := f.stepPlace(at)
			f.report("value-altered", "this value does not belong here: it was edited or moved, its key renamed, or it was encrypted with another data key", place.Line, place.Column)
		}
	})
	if !complete && len(f.problems) == 0 {
		f.report("unsupported-structure", unsupported, 1, 1)
	}
}

// leavesOnly lists the leaves without judging them.
func (f *file) leavesOnly() []Leaf {
	known := f.problems
	defer func() { f.problems = known }()
	return f.leaves()
}
