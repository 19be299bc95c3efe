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
	MAC      string          `json:"mac"`           // valid, invalid, missing, or unknown if it could not be compared
	Key      string          `json:"key,omitempty"` // equal for files with the same data key
	Values   []Fingerprint   `json:"values,omitempty"`
	Problems []fault.Problem `json:"problems"`
}

// Verified is the answer to `verify`.
type Verified struct {
	Verdict
	Nested []Opened `json:"nested,omitempty"`
}

// Verify answers `verify`.
func Verify(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	file, own, problem, err := locked(config, request)
	if err != nil || problem != nil {
		return Verified{Verdict: file.refused(problem)}, nil, err
	}
	secret := request.Blobs[len(request.Blobs)-1]
	verdict, inside := file.open(own)
	verdict.show(inside, secret)
	return Verified{verdict, file.openNested(own, secret)}, nil, nil
}

// show adds what stands for the data key, and for the values if all could be decrypted.
func (v *Verdict) show(inside *opened, secret []byte) {
	if inside == nil {
		return
	}
	if v.Key = inside.keyPrint(secret); inside.whole {
		v.Values = inside.fingerprints(secret)
	}
}

// unlocked reads a file and opens it with the identities of the last blob.
func unlocked(config *worker.Config, request wire.Request) (Verdict, *opened, error) {
	file, own, problem, err := locked(config, request)
	if err != nil || problem != nil {
		return file.refused(problem), nil, err
	}
	verdict, inside := file.open(own)
	return verdict, inside, nil
}

// locked reads a file, and the identities of the last blob.
func locked(config *worker.Config, request wire.Request) (*file, []age.Identity, *fault.Problem, error) {
	args, err := worker.Decode[fileArgs](request)
	if err != nil {
		return nil, nil, nil, err
	}
	if args.Root == "" && len(request.Blobs) < 2 {
		return nil, nil, nil, errors.New("a root, or the file and the identities as blobs, are needed")
	}
	file, err := read(config, args, request.Blobs)
	if err != nil {
		return nil, nil, nil, err
	}
	own, problem := identities(request.Blobs)
	return file, own, problem, nil
}

// refused is the verdict without identities.
func (f *file) refused(problem *fault.Problem) Verdict {
	if f == nil || problem == nil {
		return Verdict{}
	}
	return Verdict{MAC: f.macUnknown(), Problems: []fault.Problem{*problem}}
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
