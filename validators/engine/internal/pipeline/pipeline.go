// Package pipeline holds GitLab's pipelines against GitLab's own JSON Schema.
//
//  1. The schema is compiled once a request (schema.go). What it says of the form of addresses is left out, for there are variables in them.
//  2. A file is read with a text in place of what GitLab puts in before it looks: `!reference` and `$[[ inputs.x ]]` may become anything.
//  3. Of what the schema has against a document, that is left which is certain, whatever is put in (certain.go), and of alternatives the one that was meant.
package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"gitops-validate/engine/internal/jail"
	"gitops-validate/engine/internal/parallel"
	"gitops-validate/engine/internal/parse"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

const (
	tag  = "!reference"
	most = 100 // faults of one file that are told
)

type args struct {
	Root  string   `json:"root"`
	Files []string `json:"files"`
}

// File is what is wrong with one file, and what its references name.
type File struct {
	Path       string      `json:"path"`
	Faults     []Fault     `json:"faults"`
	References []Reference `json:"references"`
}

// Reference is a `!reference`: where it stands, and the keys that it names, from the outermost.
type Reference struct {
	Document int      `json:"document"`
	Pointer  string   `json:"pointer"`
	Names    []string `json:"names"`
}

// Judge answers `pipeline`.
func Judge(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	given, err := worker.Decode[args](request)
	if err != nil {
		return nil, nil, err
	}
	if len(request.Blobs) != 1 {
		return nil, nil, errors.New("the schema is needed")
	}
	schema, err := compile(request.Blobs[0])
	if err != nil {
		return nil, nil, err
	}
	files, err := jail.Open(config.Roots, given.Root)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = files.Close() }()
	judged := parallel.Map(len(given.Files), func(i int) File {
		body, err := files.ReadFile(given.Files[i])
		if err != nil {
			return File{Path: given.Files[i]}
		}
		return schema.file(given.Files[i], body)
	})
	return map[string]any{"files": judged}, nil, nil
}

// file judges one file; what is not YAML is somebody else's to say.
func (s *schema) file(path string, body []byte) File {
	judged := File{Path: path, Faults: []Fault{}, References: []Reference{}}
	read := parse.Tagged(path, body, tag, anything, func(document int, pointer string, names []string) {
		judged.References = append(judged.References, Reference{document, pointer, names})
	})
	for _, document := range read.Documents {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document.Body()))
		if err != nil {
			continue
		}
		judged.Faults = append(judged.Faults, s.faults(document.Index, value)...)
	}
	judged.Faults = judged.Faults[:min(most, len(judged.Faults))]
	return judged
}

func (s *schema) faults(document int, value any) []Fault {
	invalid := new(jsonschema.ValidationError)
	if !errors.As(s.compiled.Validate(value), &invalid) {
		return nil
	}
	found := (&judgement{schema: s, document: document, value: value}).certain(invalid)
	slices.SortStableFunc(found, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Keyword, b.Keyword))
	})
	return slices.CompactFunc(found, func(a, b Fault) bool { return a.Pointer == b.Pointer && a.Keyword == b.Keyword })
}
