package sops

import (
	"context"
	"encoding/json"

	"github.com/getsops/sops/v3"

	"gitops-validate/engine/internal/parse"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// Decrypted is the answer to `decrypt`: documents of YAML and JSON files, the text of others.
type Decrypted struct {
	Verdict
	Documents []parse.Document `json:"documents"`
	Text      *int             `json:"text"` // a blob
}

// Decrypt answers `decrypt`. As in Flux, a MAC that does not fit keeps no value back; the caller sees it.
func Decrypt(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	verdict, inside, err := unlocked(config, request)
	if err != nil {
		return nil, nil, err
	}
	answer, blobs := Decrypted{Verdict: verdict, Documents: []parse.Document{}}, wire.Blobs{}
	if inside == nil || !inside.whole {
		return answer, blobs, nil
	}
	if inside.format != "yaml" && inside.format != "json" {
		text, err := inside.text()
		if err != nil {
			return nil, nil, err
		}
		index := blobs.Add(text)
		answer.Text = &index
		return answer, blobs, nil
	}
	for i, branch := range inside.plain {
		body, err := json.Marshal(plainValue(branch))
		if err != nil {
			return nil, nil, err
		}
		if len(branch) > 0 {
			place := inside.place(i, "", false)
			document := parse.NewDocument(i, place.Line, place.Column, body)
			document.Blob = blobs.Add(body)
			answer.Documents = append(answer.Documents, document)
		}
	}
	return answer, blobs, nil
}

// text is what a binary, dotenv or INI file was before it was encrypted.
func (o *opened) text() ([]byte, error) {
	if o.format != "binary" {
		return o.store.EmitPlainFile(o.plain)
	}
	for _, item := range o.plain[0] {
		if text, is := item.Value.(string); is && item.Key == "data" {
			return []byte(text), nil
		}
	}
	return nil, nil
}

// plainValue drops comments, and is what JSON can say.
func plainValue(value any) any {
	switch value := value.(type) {
	case sops.TreeBranch:
		object := make(map[string]any, len(value))
		for _, item := range value {
			if key, is := item.Key.(string); is {
				object[key] = plainValue(item.Value)
			}
		}
		return object
	case []any:
		list := make([]any, 0, len(value))
		for _, item := range value {
			if _, comment := item.(sops.Comment); !comment {
				list = append(list, plainValue(item))
			}
		}
		return list
	}
	return value
}
