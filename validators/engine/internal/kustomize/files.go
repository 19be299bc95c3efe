package kustomize

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"

	"sigs.k8s.io/kustomize/kyaml/filesys"

	"gitops-validate/engine/internal/jail"
)

// files is a checkout as kustomize sees it: what the artifact of the source would hold, with a few files replaced in memory. It implements
// kustomize's file system; paths are absolute, as kustomize makes them.
type files struct {
	unwritable
	root     *jail.FS
	artifact *artifact
	replaced map[string][]byte
	read     map[string][]byte
	seen     map[string]seen
	links    map[string]bool
	fetched  map[string]memory
	// annotated is whether a file that was read speaks of the path of an annotation, which kustomize's own would then get in the way of
	annotated bool
}

// seen is what is known of a path; a request sees one state of the checkout.
type seen struct {
	info fs.FileInfo
	err  error
}

var _ filesys.FileSystem = (*files)(nil)

func newFiles(root *jail.FS, ignore string) *files {
	return &files{root: root, artifact: newArtifact(root, ignore), replaced: map[string][]byte{}, read: map[string][]byte{}, seen: map[string]seen{}, links: map[string]bool{},
		fetched: map[string]memory{}}
}

// abs is the absolute path of one that is relative to the root.
func (f *files) abs(clean string) string { return filepath.Join(f.root.Name(), clean) }

func isOutside(err error) bool { return errors.Is(err, jail.ErrOutside) }

// stat says what a path is, links followed; what the artifact does not hold is not there.
func (f *files) stat(name string) (fs.FileInfo, error) {
	clean, err := f.root.Clean(name)
	if err != nil {
		return nil, err
	}
	if isFetched(clean) {
		return f.inMemory(clean)
	}
	known, asked := f.seen[clean]
	if !asked {
		known.info, known.err = f.look(clean)
		f.seen[clean] = known
	}
	return known.info, known.err
}

func (f *files) look(clean string) (fs.FileInfo, error) {
	info, err := f.root.Stat(clean)
	if err != nil {
		return nil, err
	}
	if f.artifact.ignores(clean, info.IsDir()) {
		return nil, &fs.PathError{Op: "stat", Path: clean, Err: fs.ErrNotExist}
	}
	return info, nil
}

// Exists implements filesys.FileSystem.
func (f *files) Exists(name string) bool {
	if clean, err := f.root.Clean(name); err == nil && f.replaced[clean] != nil {
		return true
	}
	_, err := f.stat(name)
	return err == nil
}

// IsDir implements filesys.FileSystem.
func (f *files) IsDir(name string) bool {
	info, err := f.stat(name)
	return err == nil && info.IsDir()
}

// isEmpty reports whether a folder has no file below it. Git keeps no such folder, so that it is not there once it was pushed.
func (f *files) isEmpty(folder string) bool {
	entries, err := f.root.ReadDir(folder)
	return err == nil && !slices.ContainsFunc(entries, func(entry fs.DirEntry) bool {
		return !entry.IsDir() || !f.isEmpty(path.Join(folder, entry.Name()))
	})
}

// ReadFile implements filesys.FileSystem.
func (f *files) ReadFile(name string) ([]byte, error) {
	clean, err := f.root.Clean(name)
	if err != nil {
		return nil, err
	}
	if body, replaced := f.replaced[clean]; replaced {
		return body, nil
	}
	return f.original(clean)
}

// original is the content of a file as it lies in the checkout, once it is known to do no harm.
func (f *files) original(clean string) ([]byte, error) {
	if isFetched(clean) {
		return f.readFetched(clean)
	}
	if body, known := f.read[clean]; known {
		return slices.Clone(body), nil // kustomize may write into what it is given
	}
	f.isLinked(clean)
	if _, err := f.stat(clean); err != nil {
		return nil, err
	}
	body, err := f.root.ReadFile(clean)
	if err == nil {
		err = harmless(clean, body)
	}
	if err != nil {
		return nil, err
	}
	f.read[clean] = body
	f.annotated = f.annotated || mentionsAnnotations(body)
	return slices.Clone(body), nil
}
