package parse

import (
	"bytes"
	"encoding/json"

	"gitops-validate/engine/internal/quick"
)

// identity is what Kubernetes knows an object by; a field of another type than a string counts as missing.
type identity struct {
	APIVersion text `json:"apiVersion"`
	Kind       text `json:"kind"`
	Metadata   meta `json:"metadata"`
}

type meta struct {
	Namespace text `json:"namespace"`
	Name      text `json:"name"`
}

// text is a string, or nothing.
type text string

// UnmarshalJSON never fails: what is not a string is left out.
func (t *text) UnmarshalJSON(body []byte) error {
	var value string
	if json.Unmarshal(body, &value) == nil {
		*t = text(value)
	}
	return nil
}

// UnmarshalJSON never fails: metadata that is not a mapping is left out.
func (m *meta) UnmarshalJSON(body []byte) error {
	type plain meta
	if bytes.HasPrefix(body, []byte("{")) {
		_ = json.Unmarshal(body, (*plain)(m))
	}
	return nil
}

func identify(body []byte) identity {
	if head, plain := quick.ReadHead(body); plain {
		return identity{text(head.APIVersion), text(head.Kind), meta{text(head.Namespace), text(head.Name)}}
	}
	var found identity
	if bytes.HasPrefix(body, []byte("{")) {
		_ = json.Unmarshal(body, &found)
	}
	return found
}

// isObject reports whether a document is meant for Kubernetes.
func isObject(body []byte) bool {
	found := identify(body)
	return found.APIVersion != "" && found.Kind != ""
}

func (d *Document) identify() {
	found := identify(d.body)
	d.APIVersion, d.Kind = string(found.APIVersion), string(found.Kind)
	d.Namespace, d.Name = string(found.Metadata.Namespace), string(found.Metadata.Name)
}

// NewDocument names a document that is JSON already.
func NewDocument(index, line, column int, body []byte) Document {
	document := Document{Index: index, Line: line, Column: column, body: body}
	document.identify()
	return document
}
