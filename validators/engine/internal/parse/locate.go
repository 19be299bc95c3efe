package parse

import (
	"context"
	"strings"

	"go.yaml.in/yaml/v3"

	"gitops-validate/engine/internal/jail"
	"gitops-validate/engine/internal/parallel"
	"gitops-validate/engine/internal/tree"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

type locateArgs struct {
	Root  string    `json:"root"`
	Files []inquiry `json:"files"`
}

// inquiry asks for places in one file, or in the blob that stands for it.
type inquiry struct {
	Path   string  `json:"path"`
	Blob   *int    `json:"blob"`
	Places []query `json:"places"`
}

type answered struct {
	Places []tree.Place `json:"places"`
}

type query struct {
	Document int    `json:"document"`
	Pointer  string `json:"pointer"`
	Value    bool   `json:"value"`
}

// Locate answers `locate`.
func Locate(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[locateArgs](request)
	if err != nil {
		return nil, nil, err
	}
	files, err := jail.OpenIfNamed(config.Roots, args.Root)
	if err != nil {
		return nil, nil, err
	}
	if files != nil {
		defer func() { _ = files.Close() }()
	}
	found := parallel.Map(len(args.Files), func(i int) answered { return answered{inquire(files, args.Files[i], request.Blobs)} })
	return map[string]any{"files": found}, nil, nil
}

// inquire answers with no place at all for a file that has gone.
func inquire(files *jail.FS, asked inquiry, blobs wire.Blobs) []tree.Place {
	var body []byte
	switch {
	case asked.Blob != nil && *asked.Blob >= 0 && *asked.Blob < len(blobs):
		body = blobs[*asked.Blob]
	case asked.Blob == nil && files != nil:
		body, _ = files.ReadFile(asked.Path)
	}
	return locate(asked.Path, body, asked.Places)
}

// Place is where a field of a document stands in a file.
func Place(path string, body []byte, index int, pointer string) tree.Place {
	return locate(path, body, []query{{Document: index, Pointer: pointer}})[0]
}

// locate answers with no place at all for a file that cannot be read as text or a document that is not there.
func locate(path string, body []byte, asked []query) []tree.Place {
	places := make([]tree.Place, len(asked))
	text, problem := Decode(body)
	if problem != nil || len(body) > MaxFile {
		return places
	}
	documents := located(path, text)
	for i, query := range asked {
		if query.Document >= 0 && query.Document < len(documents) {
			places[i] = documents[query.Document].find(query)
		}
	}
	return places
}

// document is one whose nodes are read when the first place in it is asked for.
type document struct {
	chunk
	rows []string
	read func() *yaml.Node
	root *yaml.Node
}

func located(path, text string) []*document {
	var documents []*document
	if strings.HasSuffix(path, ".json") {
		rows := tree.Rows(text)
		roots, _ := tree.ReadJSON(text)
		for _, root := range roots {
			documents = append(documents, &document{chunk: chunk{line: 1, text: text}, rows: rows, root: root})
		}
		return documents
	}
	for _, c := range split(text) {
		documents = append(documents, &document{chunk: c, read: func() *yaml.Node { root, _ := tree.Read(c.text); return root }})
	}
	return documents
}

func (d *document) find(asked query) tree.Place {
	if d.read != nil {
		d.root, d.rows, d.read = d.read(), tree.Rows(d.text), nil
	}
	place := tree.Place{}
	if d.root != nil {
		place = tree.Find(d.root, d.rows, asked.Pointer, asked.Value)
	} else {
		place.Line, place.Column = firstContent(d.text)
		place.End = place.Column
	}
	place.Line += d.line - 1
	return place
}
