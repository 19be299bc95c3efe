// Package parse reads manifests as the API server's decoder does, behind limits that hold before anything is built.
//
//  1. A file is split into documents where YAML itself ends them, so that a fault costs one document and not those after it (split.go).
//  2. What could expand or nest without end is refused on the raw node tree (guard.go).
//  3. sigs.k8s.io/yaml, which kubectl and the API server use, turns the document into JSON (convert.go); what needs none of this, package quick does.
package parse

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/jail"
	"gitops-validate/engine/internal/parallel"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// MaxFile bounds a file that is parsed, in bytes.
const MaxFile = 5 << 20

type documentsArgs struct {
	Root  string   `json:"root"`
	Files []string `json:"files"`
	Names []string `json:"names"`
}

// File is what became of one file.
type File struct {
	Path      string          `json:"path"`
	Size      int             `json:"size"`
	Documents []Document      `json:"documents"`
	Problems  []fault.Problem `json:"problems"`
}

// Document is one document as JSON. Index counts all documents of the file, empty ones included.
type Document struct {
	Index      int    `json:"index"`
	Line       int    `json:"line"`
	Column     int    `json:"column"`
	Blob       int    `json:"blob"`
	APIVersion string `json:"apiVersion,omitempty"`
	Kind       string `json:"kind,omitempty"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name,omitempty"`

	body []byte
}

// Body is the document as JSON.
func (d Document) Body() []byte { return d.body }

// Documents answers `parse`.
func Documents(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	files, err := Each(config, request, func(file File) File { return file })
	if err != nil {
		return nil, nil, err
	}
	var blobs wire.Blobs
	for i := range files {
		for j := range files[i].Documents {
			files[i].Documents[j].Blob = blobs.Add(files[i].Documents[j].body)
		}
	}
	return map[string]any{"files": files}, blobs, nil
}

// Each parses the files that a request names, or the bodies that it brings, and returns what becomes of them, in their order.
func Each[T any](config *worker.Config, request wire.Request, become func(File) T) ([]T, error) {
	args, err := worker.Decode[documentsArgs](request)
	if err != nil {
		return nil, err
	}
	if args.Root == "" {
		if len(args.Names) != len(request.Blobs) {
			return nil, errors.New("as many names as bodies are needed")
		}
		return parallel.Map(len(args.Names), func(i int) T { return become(Parse(args.Names[i], request.Blobs[i])) }), nil
	}
	files, err := jail.Open(config.Roots, args.Root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = files.Close() }()
	return parallel.Map(len(args.Files), func(i int) T { return become(parseFile(files, args.Files[i])) }), nil
}

func parseFile(files *jail.FS, path string) File {
	info, err := files.Stat(path)
	if err == nil && info.Size() > MaxFile {
		return tooLarge(path, int(info.Size()))
	}
	body, err := files.ReadFile(path)
	if err != nil {
		return File{Path: path, Documents: []Document{}, Problems: []fault.Problem{Unreadable(err)}}
	}
	return Parse(path, body)
}

// Unreadable says why the jail did not read a file.
func Unreadable(err error) fault.Problem {
	switch {
	case errors.Is(err, jail.ErrIrregular):
		return fault.Problem{Reason: "not-a-file", Message: "this is a pipe, a socket or a device"}
	case errors.Is(err, jail.ErrOutside):
		return fault.Problem{Reason: "outside-path", Message: jail.ErrOutside.Error()}
	}
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	return fault.Problem{Reason: "unreadable", Message: err.Error()}
}

func tooLarge(path string, size int) File {
	return File{Path: path, Size: size, Documents: []Document{}, Problems: []fault.Problem{{Reason: "too-large", Message: "the file is larger than 5 MiB", Line: 1, Column: 1}}}
}

// Parse reads one file. It never panics: a fault of a library on odd input is a problem of the file.
func Parse(path string, body []byte) (file File) {
	if len(body) > MaxFile {
		return tooLarge(path, len(body))
	}
	file = File{Path: path, Size: len(body), Documents: []Document{}, Problems: []fault.Problem{}}
	defer func() {
		if recover() != nil {
			file.Problems = append(file.Problems, fault.Problem{Reason: "yaml-syntax", Message: "the parser gave up on this file", Line: 1, Column: 1})
		}
	}()
	text, problem := Decode(body)
	if problem != nil {
		file.Problems = append(file.Problems, *problem)
		return file
	}
	if strings.HasSuffix(path, ".json") {
		file.addJSON(text)
		return file
	}
	for _, chunk := range split(text) {
		file.addYAML(chunk)
	}
	return file
}
