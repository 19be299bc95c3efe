package kustomize

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// isLinked reports whether a path goes through a symlink. Links become part of the trace: what they lead to may change, and source-controller
// packs none.
func (f *files) isLinked(clean string) bool {
	if clean == "." || isFetched(clean) {
		return false
	}
	linked, known := f.links[clean]
	if !known {
		info, err := f.root.Lstat(clean)
		linked = err == nil && info.Mode()&fs.ModeSymlink != 0
		f.links[clean] = linked
	}
	return f.isLinked(path.Dir(clean)) || linked
}

// CleanedAbs implements filesys.FileSystem: links are followed as long as they stay inside.
func (f *files) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	clean, err := f.real(name)
	if err != nil {
		return "", "", err
	}
	info, err := f.stat(clean)
	switch {
	case errors.Is(err, fs.ErrNotExist) && f.replaced[clean] == nil:
		return "", "", fmt.Errorf("%s: no such file or directory", clean)
	case err == nil && info.IsDir():
		return filesys.ConfirmedDir(f.abs(clean)), "", nil
	case err != nil && f.replaced[clean] == nil:
		return "", "", err
	}
	return filesys.ConfirmedDir(filepath.Dir(f.abs(clean))), filepath.Base(clean), nil
}

// real is a path, relative to the root, without the links in it.
func (f *files) real(name string) (string, error) {
	clean, err := f.root.Clean(name)
	if err != nil || !f.isLinked(clean) {
		return clean, err
	}
	if _, err := f.stat(clean); err != nil {
		return clean, err
	}
	name, err = filepath.EvalSymlinks(f.abs(clean))
	if err != nil {
		return clean, err
	}
	return f.root.Clean(name)
}

// dangles reports whether an entry is a link to nothing.
func (f *files) dangles(clean string, info fs.FileInfo) bool {
	if info.Mode()&fs.ModeSymlink == 0 {
		return false
	}
	f.isLinked(clean)
	_, err := f.stat(clean)
	return errors.Is(err, fs.ErrNotExist)
}
