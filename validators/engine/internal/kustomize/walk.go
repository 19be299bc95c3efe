package kustomize

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// ReadDir implements filesys.FileSystem.
func (f *files) ReadDir(name string) ([]string, error) {
	clean, err := f.root.Clean(name)
	if err != nil {
		return nil, err
	}
	if isFetched(clean) {
		return nil, nil // nothing that kustomize builds from what it was given lists a folder
	}
	entries, err := f.root.ReadDir(clean)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if f.Exists(path.Join(clean, entry.Name())) {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// Glob implements filesys.FileSystem.
func (f *files) Glob(pattern string) ([]string, error) {
	folder := filepath.Dir(pattern)
	names, err := f.ReadDir(folder)
	if err != nil {
		return nil, nil //nolint:nilerr // as filepath.Glob: what cannot be read matches nothing
	}
	var found []string
	for _, name := range names {
		if match, err := filepath.Match(filepath.Base(pattern), name); err != nil {
			return nil, err
		} else if match {
			found = append(found, filepath.Join(folder, name))
		}
	}
	return found, nil
}

// Walk implements filesys.FileSystem: in lexical order, without following links to folders.
func (f *files) Walk(name string, visit filepath.WalkFunc) error {
	info, err := f.stat(name)
	if err != nil {
		return visit(name, nil, err)
	}
	if err := f.walk(name, info, visit); err != nil && !errors.Is(err, filepath.SkipDir) {
		return err
	}
	return nil
}

func (f *files) walk(name string, info fs.FileInfo, visit filepath.WalkFunc) error {
	if err := visit(name, info, nil); err != nil || !info.IsDir() {
		return err
	}
	clean, err := f.root.Clean(name)
	if err != nil {
		return err
	}
	entries, err := f.root.ReadDir(clean)
	if err != nil {
		return visit(name, info, err)
	}
	for _, entry := range entries {
		below, err := entry.Info()
		if err != nil || f.artifact.ignores(path.Join(clean, entry.Name()), entry.IsDir()) || f.dangles(path.Join(clean, entry.Name()), below) {
			continue
		}
		if err := f.walk(filepath.Join(name, entry.Name()), below, visit); err != nil && (!errors.Is(err, filepath.SkipDir) || !below.IsDir()) {
			return err
		}
	}
	return nil
}

// errReadOnly answers whatever would write.
var errReadOnly = errors.New("the checkout is read only")

// unwritable is the part of filesys.FileSystem that nothing is done for.
type unwritable struct{}

func (unwritable) WriteFile(string, []byte) error { return errReadOnly }

func (unwritable) Create(string) (filesys.File, error) { return nil, errReadOnly }

func (unwritable) Mkdir(string) error { return errReadOnly }

func (unwritable) MkdirAll(string) error { return errReadOnly }

func (unwritable) RemoveAll(string) error { return errReadOnly }

// Open is not needed: kustomize reads whole files.
func (unwritable) Open(name string) (filesys.File, error) {
	return nil, &os.PathError{Op: "open", Path: name, Err: errors.ErrUnsupported}
}
