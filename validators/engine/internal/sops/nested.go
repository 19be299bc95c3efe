package sops

import (
	"bytes"
	"encoding/base64"
	"strings"

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
	for _, leaf := range leaves {
		if key, is := strings.CutPrefix(leaf.Pointer, "/data/"); !is || leaf.State != "plain" || strings.Contains(key, "/") || !f.isSecret(leaf.Document) {
			continue
		}
		body, err := base64.StdEncoding.DecodeString(leaf.text)
		format := formatOf(body)
		if err != nil || format == "" {
			continue
		}
		within := loadAs(leaf.Pointer, format, body).inspectFlat()
		f.lift(&within, leaf)
		found = append(found, Nested{Document: leaf.Document, Pointer: leaf.Pointer, Inspection: within})
	}
	return found
}

// lift moves everything in a file within a value to that value's place, and reports it there.
func (f *file) lift(within *Inspection, at Leaf) {
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
		f.report(problem.Reason, "in the file within this value: "+problem.Message, at.Line, at.Column)
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

func (f *file) isSecret(document int) bool {
	if f.flat || document >= len(f.branches) || f.format != "yaml" && f.format != "json" {
		return false
	}
	for _, item := range f.branches[document] {
		if item.Key == "kind" {
			return item.Value == "Secret"
		}
	}
	return false
}
