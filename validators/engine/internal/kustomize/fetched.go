package kustomize

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/wire"
)

// fetchedFolder is where files that the caller has fetched seem to lie. They are in memory only, and what lies there in the checkout is not seen.
const fetchedFolder = ".gitops-validate-fetched"

// fetched is what an entry of a kustomization names elsewhere: the files of a repository at one commit, or a single file.
type fetched struct {
	Entry string         `json:"entry"`
	Path  string         `json:"path"`  // what the entry names among them
	Files map[string]int `json:"files"` // blobs
	named string         // the kustomization of the checkout that the entry stands in
}

// mount puts fetched files into memory, each entry's in a folder of its own.
func (b *build) mount(blobs wire.Blobs) error {
	for number, each := range b.args.Fetched {
		for name, blob := range each.Files {
			if !fs.ValidPath(name) || blob < 0 || blob >= len(blobs) {
				return fmt.Errorf("%q of %q cannot be told from the request", name, each.Entry)
			}
			b.files.keep(path.Join(mountOf(number), name), blobs[blob])
		}
	}
	return nil
}

func mountOf(number int) string { return path.Join(fetchedFolder, fmt.Sprint(number)) }

// isFetched reports whether a path lies among fetched files.
func isFetched(clean string) bool { return strings.HasPrefix(clean, fetchedFolder+"/") }

// mountAbove is the folder of the entry that a path was fetched for, "" for one of the checkout.
func mountAbove(clean string) string {
	if !isFetched(clean) {
		return ""
	}
	number, _, _ := strings.Cut(strings.TrimPrefix(clean, fetchedFolder+"/"), "/")
	return path.Join(fetchedFolder, number)
}

// keep adds a file in memory, and the folders above it.
func (f *files) keep(clean string, body []byte) {
	f.fetched[clean] = memory{name: path.Base(clean), body: body}
	for folder := path.Dir(clean); folder != "."; folder = path.Dir(folder) {
		f.fetched[folder] = memory{name: path.Base(folder), folder: true}
	}
}

// inMemory is what was fetched to a path.
func (f *files) inMemory(clean string) (memory, error) {
	if found, there := f.fetched[clean]; there {
		return found, nil
	}
	return memory{}, &fs.PathError{Op: "stat", Path: clean, Err: fs.ErrNotExist}
}

// readFetched is the content of a fetched file, once it is known to do no harm.
func (f *files) readFetched(clean string) ([]byte, error) {
	found, err := f.inMemory(clean)
	if err != nil {
		return nil, err
	}
	if found.folder {
		return nil, &fs.PathError{Op: "read", Path: clean, Err: errors.New("is a directory")}
	}
	if _, known := f.read[clean]; !known {
		if err := harmless(clean, found.body); err != nil {
			return nil, err
		}
		f.read[clean] = found.body
		f.annotated = f.annotated || mentionsAnnotations(found.body)
	}
	return slices.Clone(found.body), nil
}

// memory is a file or a folder in memory, and what is known of it.
type memory struct {
	name   string
	body   []byte
	folder bool
}

func (m memory) Name() string       { return m.name }
func (m memory) Size() int64        { return int64(len(m.body)) }
func (m memory) IsDir() bool        { return m.folder }
func (m memory) ModTime() time.Time { return time.Time{} }
func (m memory) Sys() any           { return nil }
func (m memory) Mode() fs.FileMode {
	if m.folder {
		return fs.ModeDir | 0o755
	}
	return 0o644
}

// fetchedFor is where the files of an entry lie that may stand for a folder, "" if none were fetched.
func (b *build) fetchedFor(file string, ref reference) string {
	if !ref.folder || ref.plugin {
		return ""
	}
	for number, each := range b.args.Fetched {
		if each.Entry == ref.entry {
			if each.named == "" {
				b.args.Fetched[number].named, _ = b.asWritten(file, "")
			}
			return path.Join(mountOf(number), path.Clean("/"+each.Path))
		}
	}
	return ""
}

// asWritten is the file of the checkout, and the entry in it, by which a path got in: itself, if it was not fetched.
func (b *build) asWritten(file, entry string) (string, string) {
	for number, each := range b.args.Fetched {
		if mountAbove(file) == mountOf(number) {
			return each.named, each.Entry
		}
	}
	return file, entry
}

// lead makes a kustomization, in memory, name fetched files where they lie. It is rewritten as a tree, so that kustomize still sees all else of it.
func (b *build) lead(file string, targets map[string]string) *fault.Failure {
	body, err := b.files.ReadFile(file)
	if err != nil {
		return b.failureIn(file, err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(body, &document); err != nil {
		return b.failureIn(file, err)
	}
	for _, list := range lists(&document) {
		for _, entry := range list.Content {
			if target := targets[entry.Value]; target != "" {
				near, _ := filepath.Rel(path.Dir(file), target) // both are relative to the root
				*entry = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: near, Anchor: entry.Anchor}
			}
		}
	}
	if body, err = yaml.Marshal(&document); err != nil {
		return b.failureIn(file, err)
	}
	b.files.replaced[file] = body
	if file == b.root.file {
		b.root.body = body
	}
	return nil
}

// lists are the sections of a kustomization that may name folders.
func lists(document *yaml.Node) (found []*yaml.Node) {
	if len(document.Content) != 1 || document.Content[0].Kind != yaml.MappingNode {
		return nil
	}
	fields := document.Content[0].Content
	for i := 0; i+1 < len(fields); i += 2 {
		if slices.Contains([]string{"resources", "bases", "components"}, fields[i].Value) {
			found = append(found, fields[i+1])
		}
	}
	return found
}
