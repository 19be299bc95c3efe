package sops

import (
	"bytes"
	"encoding/base64"
	"iter"
	"regexp"
	"slices"
	"strconv"

	"filippo.io/age"
	"github.com/getsops/sops/v3"

	"gitops-validate/engine/internal/fault"
)

// Nested is a whole file that SOPS encrypted, in base64 as one value of a Secret; kustomize-controller decrypts those as well.
type Nested struct {
	Document int    `json:"document"`
	Pointer  string `json:"pointer"`
	Inspection
}

// nestedMarks are how kustomize-controller knows a format; of two that it cannot tell apart, the first is as good.
var nestedMarks = []struct{ format, mark string }{
	{"yaml", "mac: ENC["}, {"json", `"mac": "ENC[`}, {"dotenv", "sops_mac=ENC["}, {"ini", "[sops]"},
}

// nested looks into the data of Secrets. Problems in there stand at the value.
func (f *file) nested(leaves []Leaf) []Nested {
	var found []Nested
	for leaf, body := range f.enclosed(leaves) {
		within := body.inspectFlat()
		f.lift(&within, leaf)
		found = append(found, Nested{Document: leaf.Document, Pointer: leaf.Pointer, Inspection: within})
	}
	return found
}

// Opened is what a key shows of a file within a value.
type Opened struct {
	Document int    `json:"document"`
	Pointer  string `json:"pointer"`
	Verdict
}

// openNested opens the files within values. What is wrong in there stands at the value.
func (f *file) openNested(own []age.Identity, secret []byte) []Opened {
	var found []Opened
	for leaf, body := range f.enclosed(f.leavesOnly()) {
		verdict, inside := body.open(own)
		verdict.show(inside, secret)
		for i := range verdict.Values {
			value := &verdict.Values[i]
			value.Document, value.Pointer = leaf.Document, leaf.Pointer+value.Pointer
		}
		for i := range verdict.Problems {
			problem := &verdict.Problems[i]
			problem.Message, problem.Line, problem.Column = prefix+problem.Message, leaf.Line, leaf.Column
		}
		found = append(found, Opened{leaf.Document, leaf.Pointer, verdict})
	}
	return found
}

// enclosed are the files within values, which have no files within theirs.
func (f *file) enclosed(leaves []Leaf) iter.Seq2[Leaf, *file] {
	return func(yield func(Leaf, *file) bool) {
		for _, leaf := range leaves {
			if body := f.within(leaf); body != nil && !yield(leaf, body) {
				return
			}
		}
	}
}

// inSecret is where values of a Secret, or of one in a list, stand; kustomize takes lists apart.
var inSecret = regexp.MustCompile(`^(?:/items/([0-9]{1,6}))?/data/[^/]+$`)

const prefix = "in the file within this value: "

// within is the file that a value holds, nil if it holds none.
func (f *file) within(leaf Leaf) *file {
	found := inSecret.FindStringSubmatch(leaf.Pointer)
	if found == nil || leaf.State != "plain" || !f.isSecret(leaf.Document, found[1]) {
		return nil
	}
	body, err := base64.StdEncoding.DecodeString(leaf.text)
	format := formatOf(body)
	if err != nil || format == "" {
		return nil
	}
	return loadAs(leaf.Pointer, format, body)
}

// lift moves everything in a file within a value to that value's place, and reports it there.
func (f *file) lift(within *Inspection, at Leaf) {
	for i := range within.Seals {
		within.Seals[i].Line, within.Seals[i].Column = at.Line, at.Column
	}
	for i := range within.Leaves {
		leaf := &within.Leaves[i]
		leaf.Line, leaf.Column = at.Line, at.Column
		switch {
		case leaf.State == "plain" && leaf.Selected:
			within.add("plain-value", leaf.Pointer+" stands in plain text, although the selector chooses it")
		case leaf.State == "malformed":
			within.add("malformed-value", leaf.Pointer+" cannot be decrypted: "+leaf.Fault)
		case leaf.State == "encrypted" && !leaf.Selected:
			within.add("unselected-ciphertext", leaf.Pointer+" is ciphertext that the selector does not choose")
		}
	}
	for i := range within.Problems {
		problem := &within.Problems[i]
		problem.Line, problem.Column = at.Line, at.Column
		f.report(problem.Reason, prefix+problem.Message, at.Line, at.Column)
	}
}

func (i *Inspection) add(reason, message string) {
	i.Problems = append(i.Problems, fault.Problem{Reason: reason, Message: message})
}

// inspectFlat does not look for files within the file: kustomize-controller does not either.
func (f *file) inspectFlat() Inspection {
	f.flat = true
	return f.inspect()
}

func formatOf(body []byte) string {
	for _, known := range nestedMarks {
		if bytes.Contains(body, []byte(known.mark)) {
			return known.format
		}
	}
	return ""
}

// isSecret reports whether a document is a Secret, or whether the item of that index is one if it is a list.
func (f *file) isSecret(document int, index string) bool {
	if f.flat || document >= len(f.branches) || f.format != "yaml" && f.format != "json" {
		return false
	}
	holder, kind := f.branches[document], ""
	if index != "" {
		items, _ := entry(holder, "items").([]any)
		items = slices.DeleteFunc(slices.Clone(items), func(item any) bool { _, is := item.(sops.Comment); return is })
		number, _ := strconv.Atoi(index)
		if outer, _ := entry(holder, "kind").(string); outer == "SecretList" {
			kind = "Secret"
		}
		if number >= len(items) {
			return false
		}
		holder, _ = items[number].(sops.TreeBranch)
	}
	if own, is := entry(holder, "kind").(string); is {
		kind = own
	}
	return kind == "Secret"
}

func entry(branch sops.TreeBranch, name string) any {
	for _, item := range branch {
		if item.Key == name {
			return item.Value
		}
	}
	return nil
}
