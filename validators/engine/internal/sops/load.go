package sops

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/cmd/sops/formats"
	"github.com/getsops/sops/v3/config"
	"github.com/getsops/sops/v3/stores/dotenv"
	"github.com/getsops/sops/v3/stores/ini"
	jsonstore "github.com/getsops/sops/v3/stores/json"
	yamlstore "github.com/getsops/sops/v3/stores/yaml"
	"go.yaml.in/yaml/v3"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/parse"
	"gitops-validate/engine/internal/tree"
)

// file is what could be read of an encrypted file. Without branches nothing but its problems can be said.
type file struct {
	path     string
	format   string
	store    sops.Store
	rows     []string
	roots    []*yaml.Node      // of YAML and JSON, parallel to branches
	branches sops.TreeBranches // without the metadata
	metadata sops.Metadata
	groups   [][]Recipient
	written  map[string]any // the metadata as they stand in the file; nil if there are none
	valid    bool           // whether SOPS itself accepts the metadata
	problems []fault.Problem
	repeated []fault.Problem // duplicate keys, which parse reports: SOPS takes them in all documents but the first
	flat     bool            // values are not looked into for whole files
	seals    []Seal
}

var formatNames = map[formats.Format]string{formats.Binary: "binary", formats.Dotenv: "dotenv", formats.Ini: "ini", formats.Json: "json", formats.Yaml: "yaml"}

// storeFor is the library's own choice. A binary file lies in a JSON envelope as soon as it is encrypted.
func storeFor(format string) sops.Store {
	switch format {
	case "yaml":
		return yamlstore.NewStore(&config.YAMLStoreConfig{Indent: 2})
	case "json", "binary":
		return jsonstore.NewStore(&config.JSONStoreConfig{Indent: 2})
	case "dotenv":
		return dotenv.NewStore(&config.DotenvStoreConfig{})
	}
	return ini.NewStore(&config.INIStoreConfig{})
}

func load(path string, body []byte) *file {
	return loadAs(path, formatNames[formats.FormatForPath(path)], body)
}

// loadAs never panics: what a library cannot stand is a problem of the file.
func loadAs(path, format string, body []byte) (f *file) {
	f = &file{path: path, format: format, store: storeFor(format), groups: [][]Recipient{}}
	defer func() {
		if recover() != nil {
			f.branches, f.metadata = nil, sops.Metadata{}
			f.report("metadata", "SOPS gives up on this file", 1, 1)
		}
	}()
	if f.guard(body); len(f.problems) == 0 {
		f.parse(body)
	}
	return f
}

func (f *file) report(reason, message string, line, column int) {
	f.problems = append(f.problems, fault.Problem{Reason: reason, Message: message, Line: line, Column: column})
}

// guard refuses what must not reach SOPS' recursive loaders.
func (f *file) guard(body []byte) {
	switch {
	case len(body) > parse.MaxFile:
		f.report("too-large", "the file is larger than 5 MiB, which Flux does not decrypt", 1, 1)
		return
	case strings.TrimSpace(string(body)) == "":
		f.report("empty", "the file is empty", 1, 1)
		return
	}
	text, problem := parse.Decode(body)
	if problem != nil {
		f.problems = append(f.problems, *problem)
		return
	}
	f.rows = tree.Rows(text)
	switch f.format {
	case "yaml":
		f.guardYAML(text)
	case "json", "binary":
		f.guardJSON(text)
	}
}

func (f *file) guardYAML(text string) {
	roots, err := tree.ReadAll(text)
	if err != nil {
		f.problems = append(f.problems, parse.Syntax(err, text))
		return
	}
	f.keep(roots)
}

func (f *file) guardJSON(text string) {
	roots, err := tree.ReadJSON(text)
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, tree.ErrDeep):
		f.report("too-deep", err.Error(), 1, 1)
	case f.format == "binary" && (err != nil || len(roots) == 0):
		f.report("no-metadata", "SOPS did not encrypt this file: it has no metadata", 1, 1)
	case err != nil:
		line, column := len(f.rows), 1
		if errors.As(err, &syntax) {
			line, column = parse.Position(text[:min(len(text), max(0, int(syntax.Offset)-1))])
		}
		f.report("yaml-syntax", "invalid JSON", line, column)
	default:
		f.keep(roots)
	}
}

func (f *file) keep(roots []*yaml.Node) {
	f.roots = roots
	for _, root := range roots {
		for _, problem := range tree.Inspect(root).Problems {
			if problem.Reason == "duplicate-key" {
				f.repeated = append(f.repeated, problem)
			} else {
				f.problems = append(f.problems, problem)
			}
		}
	}
}

// parse loads the values, then the metadata as written, then asks SOPS whether it accepts them.
func (f *file) parse(body []byte) {
	branches, err := f.store.LoadPlainFile(body)
	if err != nil {
		f.report("unsupported-structure", structure(f.format, err), 1, 1)
		return
	}
	f.branches, f.written = extract(f.format, branches)
	if f.written != nil {
		encrypted, err := f.store.LoadEncryptedFile(body)
		if f.valid = err == nil; f.valid {
			f.branches, f.metadata = encrypted.Branches, encrypted.Metadata
			f.groups = recipients(encrypted.Metadata)
		} else {
			f.metadata = fromWritten(f.written)
		}
	}
	f.checkMetadata()
}

// structures are what SOPS cannot hold, by words of its error. The error itself may quote the file.
var structures = map[string]string{
	"documents that are sequences": "SOPS needs a mapping at the top of each document, not a list",
	"documents that are values":    "SOPS needs a mapping at the top of each document, not a single value",
	"top-level object":             "SOPS needs an object at the top",
	"already defined":              "SOPS refuses keys that stand twice",
	"cannot unmarshal !!seq":       "SOPS needs a mapping at the top of each document, not a list",
	"into map[string]interface":    "SOPS needs a mapping with keys that are strings at the top of each document",
}

func structure(format string, err error) string {
	for _, words := range slices.Sorted(maps.Keys(structures)) {
		if strings.Contains(err.Error(), words) {
			return structures[words]
		}
	}
	return "SOPS cannot read this as " + format
}

// place is where a pointer of a document leads; the last resort is the start of the file.
func (f *file) place(document int, pointer string, value bool) tree.Place {
	if document < len(f.roots) {
		return tree.Find(f.roots[document], f.rows, pointer, value)
	}
	return f.flatPlace(pointer)
}

// flatPlace finds the line of a key in a file of lines: SOPS' own dotenv and INI dialects know nothing else.
func (f *file) flatPlace(pointer string) tree.Place {
	steps := tree.Steps(pointer)
	if len(steps) == 0 {
		return tree.Place{Line: 1, Column: 1, End: 1}
	}
	section := ""
	for i, row := range f.rows {
		if trimmed := strings.TrimSpace(row); strings.HasPrefix(trimmed, "[") {
			section = strings.Trim(trimmed, "[]")
		}
		key, _, found := strings.Cut(row, "=")
		if key = strings.TrimSpace(key); !found || key != steps[len(steps)-1] || len(steps) > 1 && section != steps[0] {
			continue
		}
		return tree.Place{Line: i + 1, Column: 1, End: len([]rune(strings.TrimRight(row, "\r"))) + 1, Exact: true}
	}
	return tree.Place{Line: 1, Column: 1, End: 1}
}
