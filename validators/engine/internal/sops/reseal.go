package sops

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"time"

	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/aes"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// Resealing is the answer to `reseal`; without a failure, blob 0 is the file with a MAC that fits.
type Resealing struct {
	Failure *fault.Failure `json:"failure"`
	Changes []Edit         `json:"changes"`
}

// Edit is a field in plain text that was changed, added or removed. The values are JSON, "" for what is not there.
type Edit struct {
	Document int    `json:"document"`
	Pointer  string `json:"pointer"`
	Line     int    `json:"line"`
	Before   string `json:"before"`
	After    string `json:"after"`
}

// Reseal answers `reseal`: a new MAC for a file (blob 0) of which somebody edited what stands in plain text, since an earlier version (blob 1) whose
// MAC fits. Without that version nobody could tell what is new; values, recipients and selector have to be its own, to the letter.
func Reseal(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	if len(request.Blobs) != 3 {
		return nil, nil, errors.New("three blobs are needed: the file, its earlier version and the identities")
	}
	file, earlier, own := request.Blobs[0], request.Blobs[1], request.Blobs[2]
	verdict, before, err := unlocked(config, wire.Request{Args: request.Args, Blobs: [][]byte{earlier, own}})
	if err != nil {
		return nil, nil, err
	}
	if verdict.MAC != "valid" {
		return Resealing{Failure: &fault.Failure{Reason: "earlier-version", Message: "the MAC of the earlier version does not fit"}}, nil, nil
	}
	verdict, inside, err := unlocked(config, wire.Request{Args: request.Args, Blobs: [][]byte{file, own}})
	if err != nil {
		return nil, nil, err
	}
	if failure := inside.resealable(verdict, before); failure != nil {
		return Resealing{Failure: failure}, nil, nil
	}
	body, err := inside.resealed()
	return Resealing{Changes: edits(before.leavesOnly(), inside.leavesOnly())}, wire.Blobs{body}, err
}

const edited = "this encrypted value was edited, added or moved by hand, or one before it was removed"

// resealable refuses a file in which more is wrong than that its MAC is of other fields in plain text.
func (o *opened) resealable(verdict Verdict, before *opened) *fault.Failure {
	for _, problem := range verdict.Problems {
		if problem.Reason != "mac-mismatch" {
			return (&file{}).failure(problem)
		}
	}
	if o == nil || verdict.MAC == "missing" {
		return &fault.Failure{Reason: "no-mac", Message: "the file holds no MAC"}
	}
	was := chosen(before.leavesOnly())
	for i, leaf := range chosen(o.leavesOnly()) {
		if i >= len(was) || leaf.Pointer != was[i].Pointer || leaf.Document != was[i].Document || leaf.value != was[i].value {
			return &fault.Failure{Reason: "values-changed", Message: edited, Line: leaf.Line, Column: leaf.Column}
		}
	}
	switch {
	case len(chosen(o.leavesOnly())) < len(was):
		return &fault.Failure{Reason: "values-changed", Message: "the last of the encrypted values was removed by hand", Line: 1, Column: 1}
	case !reflect.DeepEqual(o.written, before.written):
		place := o.place(0, "/sops", false)
		return &fault.Failure{Reason: "values-changed", Message: "what SOPS notes of the file was edited by hand", Line: place.Line, Column: place.Column}
	}
	return nil
}

func chosen(leaves []Leaf) []Leaf {
	var found []Leaf
	for _, leaf := range leaves {
		if leaf.Selected {
			found = append(found, leaf)
		}
	}
	return found
}

// resealed is the file with a new MAC, and everything else as it stands.
func (o *opened) resealed() ([]byte, error) {
	metadata := o.metadata
	metadata.LastModified = time.Now().UTC()
	var err error
	metadata.MessageAuthenticationCode, err = aes.NewCipher().Encrypt(o.computed, o.key, metadata.LastModified.Format(time.RFC3339))
	if err != nil {
		return nil, err
	}
	return o.store.EmitEncryptedFile(sops.Tree{Branches: o.branches, Metadata: metadata, FilePath: o.path})
}

// edits are the differences between the fields in plain text.
func edits(before, after []Leaf) []Edit {
	type field struct {
		document int
		pointer  string
	}
	found, was := []Edit{}, map[field]Leaf{}
	for _, leaf := range before {
		if !leaf.Selected {
			was[field{leaf.Document, leaf.Pointer}] = leaf
		}
	}
	for _, leaf := range after {
		at := field{leaf.Document, leaf.Pointer}
		old, known := was[at]
		delete(was, at)
		if edit := (Edit{leaf.Document, leaf.Pointer, leaf.Line, asJSON(old, known), asJSON(leaf, true)}); !leaf.Selected && edit.Before != edit.After {
			found = append(found, edit)
		}
	}
	for _, leaf := range before {
		if _, gone := was[field{leaf.Document, leaf.Pointer}]; gone {
			found = append(found, Edit{leaf.Document, leaf.Pointer, 0, asJSON(leaf, true), ""})
		}
	}
	return found
}

func asJSON(leaf Leaf, there bool) string {
	if !there {
		return ""
	}
	text, err := json.Marshal(leaf.value)
	if err != nil {
		return "something else"
	}
	return string(text)
}
