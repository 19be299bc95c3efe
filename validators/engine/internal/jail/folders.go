package jail

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"sync"
)

// maxFolders bounds how many folders of a checkout one request holds open.
const maxFolders = 200

// folders are the folders that a request has come through, held open: os.Root goes through all folders of a path for each question, and a request
// asks about the same few again and again. A folder that a path reaches through a symlink is not held, since its own links may lead above it.
type folders struct {
	root  *os.Root
	mutex sync.Mutex
	held  map[string]*os.Root // nil for what is no folder, or only through a link
}

func newFolders(root *os.Root) folders { return folders{root: root, held: map[string]*os.Root{}} }

func (f *folders) close() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for _, folder := range f.held {
		if folder != nil {
			_ = folder.Close()
		}
	}
}

// lstat looks at a path without following a link at its end.
func (f *folders) lstat(clean string) (fs.FileInfo, error) {
	folder, name := f.holding(clean)
	info, err := folder.Lstat(name)
	return info, about(clean, err)
}

// open opens a file to be read, without blocking. A link in a folder may lead above it, which the root decides about.
func (f *folders) open(clean string) (*os.File, error) {
	folder, name := f.holding(clean)
	file, err := folder.OpenFile(name, os.O_RDONLY|nonBlocking, 0)
	if err != nil && folder != f.root {
		return f.root.OpenFile(clean, os.O_RDONLY|nonBlocking, 0)
	}
	return file, err
}

// list lists a folder.
func (f *folders) list(clean string) ([]fs.DirEntry, error) {
	if folder := f.folder(clean); folder != nil {
		entries, err := fs.ReadDir(folder.FS(), ".")
		return entries, about(clean, err)
	}
	return fs.ReadDir(f.root.FS(), clean)
}

// holding is the folder that a path lies in and its name there, or else the root and the whole path.
func (f *folders) holding(clean string) (folder *os.Root, name string) {
	if folder := f.folder(path.Dir(clean)); folder != nil {
		return folder, path.Base(clean)
	}
	return f.root, clean
}

// folder is a folder that no link leads to, nil if there is none or too many are held.
func (f *folders) folder(clean string) *os.Root {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.find(clean)
}

func (f *folders) find(clean string) *os.Root {
	if clean == "." {
		return f.root
	}
	folder, known := f.held[clean]
	if known || len(f.held) == maxFolders {
		return folder
	}
	if above := f.find(path.Dir(clean)); above != nil {
		if info, err := above.Lstat(path.Base(clean)); err == nil && info.IsDir() {
			folder, _ = above.OpenRoot(path.Base(clean))
		}
	}
	f.held[clean] = folder
	return folder
}

func isLink(info fs.FileInfo) bool { return info.Mode()&fs.ModeSymlink != 0 }

// about makes an error speak of the whole path.
func about(clean string, err error) error {
	var fault *fs.PathError
	if errors.As(err, &fault) {
		return &fs.PathError{Op: fault.Op, Path: clean, Err: fault.Err}
	}
	return err
}
