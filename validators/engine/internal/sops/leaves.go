package sops

import (
	"fmt"
	"strings"

	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/stores"

	"gitops-validate/engine/internal/tree"
)

// Leaf is one value; a null counts as empty.
type Leaf struct {
	Document int    `json:"document"`
	Pointer  string `json:"pointer"`
	State    string `json:"state"` // encrypted, plain, malformed, empty
	Selected bool   `json:"selected"`
	Type     string `json:"type,omitempty"` // of an encrypted value
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Fault    string `json:"fault,omitempty"` // why it is malformed

	text  string
	value any
}

// marker stands for a cipher, so that SOPS itself says what its selector wants encrypted.
type marker struct{}

const mark = "\x00selected"

func (marker) Encrypt(any, []byte, string) (string, error) { return mark, nil }
func (marker) Decrypt(string, []byte, string) (any, error) { return mark, nil }

const unsupported = "SOPS cannot hold a key that is no string, or a number that is too large"

// leaves lists every value, and reports nonces that come twice and what is wrong with comments.
func (f *file) leaves() []Leaf {
	marked := sops.Tree{Branches: copyOf(f.branches), Metadata: f.metadata}
	if f.written != nil {
		if _, err := marked.Encrypt(nil, marker{}); err != nil {
			f.report("unsupported-structure", unsupported, 1, 1)
			return []Leaf{}
		}
	}
	seen, mac := nonces{}, f.metadata.MessageAuthenticationCode
	f.seals = nil
	if value, wrong := readValue(mac); wrong == "" {
		place := f.place(0, "/"+stores.SopsMetadataKey+"/mac", false)
		seen[value.nonce] = sighting{line: place.Line, text: mac}
		f.seal(mac, value, place.Line, place.Column)
	}
	leaves := []Leaf{}
	f.walk(marked.Branches, func(at step) {
		if comment, is := at.value.(sops.Comment); is {
			f.comment(comment.Value, at, seen)
			return
		}
		leaves = append(leaves, f.leaf(at, seen))
	})
	return leaves
}

func (f *file) leaf(at step, seen nonces) Leaf {
	place := f.stepPlace(at)
	leaf := Leaf{Document: at.document, Pointer: at.pointer, State: "plain", Selected: isMarked(at.made), Line: place.Line, Column: place.Column}
	leaf.value = at.value
	leaf.text, _ = at.value.(string)
	switch {
	case at.value == nil || at.value == "":
		leaf.State = "empty"
	case isCiphertext(leaf.text):
		var value sealed
		value, leaf.Fault = readValue(leaf.text)
		leaf.State, leaf.Type = "encrypted", value.kind
		if leaf.Fault != "" {
			leaf.State = "malformed"
		} else {
			f.reuse(leaf.text, value, "value", at.bound, place, seen)
		}
	}
	return leaf
}

func isMarked(made any) bool {
	comment, is := made.(sops.Comment)
	return made == mark || is && comment.Value == mark
}

// comment judges what is no leaf, and not part of the MAC either.
func (f *file) comment(text string, at step, seen nonces) {
	place, selected := f.commentPlace(text), isMarked(at.made)
	if !isCiphertext(text) {
		if selected && strings.TrimSpace(text) != "" {
			f.report("plaintext-comment", "this comment stands in plain text where everything is encrypted", place.Line, place.Column)
		}
		return
	}
	value, wrong := readValue(text)
	switch {
	case wrong != "":
		f.report("malformed-value", "this comment cannot be decrypted: "+wrong, place.Line, place.Column)
	case !selected && f.written != nil:
		f.report("unselected-ciphertext", "this comment is encrypted, but the selector does not choose it", place.Line, place.Column)
	default:
		f.reuse(text, value, "comment", at.bound, place, seen)
	}
}

// reuse reports a nonce that comes twice. SOPS itself writes the same ciphertext again where the same text stands under the same path, in a list, in
// another document or as a comment: an edit takes the nonce of what it finds there.
func (f *file) reuse(text string, value sealed, what, bound string, place tree.Place, seen nonces) {
	before, again := seen[value.nonce]
	switch {
	case again && before.text != text:
		f.report("nonce-reuse", fmt.Sprintf("this %s has the initialisation vector of line %d: it was copied by hand, and AES-GCM is broken by it", what, before.line), place.Line, place.Column)
	case again && before.bound != bound:
		f.report("nonce-reuse", fmt.Sprintf("this %s is that of line %d: it was copied by hand, and SOPS, which binds it to where it stood, cannot decrypt it", what, before.line), place.Line, place.Column)
	}
	seen[value.nonce] = sighting{place.Line, text, bound}
	f.seal(text, value, place.Line, place.Column)
}

// nonces holds where each nonce was seen last.
type nonces map[string]sighting

// sighting is a ciphertext at a place.
type sighting struct {
	line        int
	text, bound string
}

func (f *file) stepPlace(at step) tree.Place {
	if at.node != nil {
		return tree.Span(at.node, f.rows)
	}
	return f.place(at.document, at.pointer, true)
}

// commentPlace looks a comment up: no parser keeps its place.
func (f *file) commentPlace(text string) tree.Place {
	for i, row := range f.rows {
		for _, sign := range []string{"#", ";"} {
			before, after, found := strings.Cut(row, sign)
			if found && strings.TrimSpace(after) == strings.TrimSpace(text) {
				return tree.Place{Line: i + 1, Column: len([]rune(before)) + 1}
			}
		}
	}
	return tree.Place{Line: 1, Column: 1}
}
