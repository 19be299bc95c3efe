package sops

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/getsops/sops/v3"

	"gitops-validate/engine/internal/fault"
)

// Inspection is what can be said without a key.
type Inspection struct {
	Format           string          `json:"format"`
	Recipients       [][]Recipient   `json:"recipients"`
	Selector         Selector        `json:"selector"`
	MACOnlyEncrypted bool            `json:"mac_only_encrypted"`
	Threshold        int             `json:"shamir_threshold"`
	LastModified     string          `json:"lastmodified"`
	Version          string          `json:"version"`
	Copies           []string        `json:"copies,omitempty"` // a digest of each recipient's copy of the data key
	Seals            []Seal          `json:"seals,omitempty"`
	Leaves           []Leaf          `json:"leaves"`
	Nested           []Nested        `json:"nested,omitempty"`
	Problems         []fault.Problem `json:"problems"`
}

// Recipient is who can decrypt the data key, or a part of it.
type Recipient struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Key  string `json:"key,omitempty"` // of an OpenPGP key that is encrypted to: the public key, armoured
	Enc  string `json:"enc,omitempty"` // of a key of Vault: what it made of the data key
}

// UnmarshalJSON also takes the id alone of a native age recipient.
func (r *Recipient) UnmarshalJSON(body []byte) error {
	if json.Unmarshal(body, &r.ID) == nil {
		if _, err := nativeRecipient(r.ID); err == nil {
			r.Type = "age"
		}
		return nil
	}
	type plain Recipient
	return json.Unmarshal(body, (*plain)(r))
}

// Selector is how a file chooses what to encrypt.
type Selector struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

func (f *file) inspect() Inspection {
	found := Inspection{Format: f.format, Recipients: f.groups, Leaves: []Leaf{}, Problems: f.problems}
	if f.branches != nil {
		found.Selector.Kind, found.Selector.Value = selectorOf(f.metadata)
		found.MACOnlyEncrypted, found.Threshold, found.Version = f.metadata.MACOnlyEncrypted, f.metadata.ShamirThreshold, f.metadata.Version
		if !f.metadata.LastModified.IsZero() {
			found.LastModified = f.metadata.LastModified.Format(time.RFC3339)
		}
		found.Leaves = f.leaves()
		found.Copies, found.Seals = f.copies(), f.seals
		found.Nested = f.nested(found.Leaves)
		f.judge(found)
	}
	found.Problems = sorted(f.problems)
	return found
}

// judge says what only the whole shows.
func (f *file) judge(found Inspection) {
	chosen := func(leaf Leaf) bool { return leaf.Selected }
	if f.written != nil && len(found.Leaves) > 0 && !slices.ContainsFunc(found.Leaves, chosen) {
		f.fault("nothing-selected", "the selector of this file chooses no value at all", found.Selector.Kind)
	}
}

func recipients(metadata sops.Metadata) [][]Recipient {
	groups := make([][]Recipient, 0, len(metadata.KeyGroups))
	for _, group := range metadata.KeyGroups {
		named := make([]Recipient, 0, len(group))
		for _, key := range group {
			named = append(named, Recipient{Type: key.TypeToIdentifier(), ID: key.ToString()})
		}
		groups = append(groups, named)
	}
	return groups
}

func sorted(problems []fault.Problem) []fault.Problem {
	all := slices.Clone(problems)
	slices.SortStableFunc(all, func(a, b fault.Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Reason, b.Reason))
	})
	if all == nil {
		return []fault.Problem{}
	}
	return all
}
