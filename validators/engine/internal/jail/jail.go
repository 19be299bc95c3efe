// Package jail reads a checkout and nothing outside it, and remembers what it read.
//
// os.Root does the jailing: symlinks are followed as long as they stay inside, and no path, however spelled, opens anything else. Only
// regular files are opened, so that a pipe or a device cannot block a worker.
package jail

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
)

// MaxFile bounds one file, in bytes.
const MaxFile = 64 << 20

// ErrOutside says that a path leads out of the checkout.
var ErrOutside = errors.New("the path leads outside the repository")

// ErrIrregular says that a path is a pipe, a socket or a device.
var ErrIrregular = errors.New("not a regular file")

// Trace is what an answer depends on: paths relative to the root, sorted, each once.
type Trace struct {
	Files  []string `json:"files"`
	Dirs   []string `json:"dirs"`
	Absent []string `json:"absent"`
	Links  []string `json:"links,omitempty"` // symlinks that a path went through
}

// FS is one checkout, seen by one request.
type FS struct {
	root    *os.Root
	name    string
	folders folders
	mutex   sync.Mutex
	files   map[string]bool
	dirs    map[string]bool
	absent  map[string]bool
	links   map[string]bool
}

// OpenIfNamed is Open, but for a request that names no root, since it needs nothing from a checkout: it gets nil.
func OpenIfNamed(roots []string, root string) (*FS, error) {
	if root == "" {
		return nil, nil
	}
	return Open(roots, root)
}

// Open jails a request in root, which must be one of the roots that the worker was started for.
func Open(roots []string, root string) (*FS, error) {
	if !slices.Contains(roots, root) {
		return nil, fmt.Errorf("%q is not a root of this worker", root)
	}
	opened, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	return &FS{root: opened, name: root, folders: newFolders(opened), files: map[string]bool{}, dirs: map[string]bool{}, absent: map[string]bool{}, links: map[string]bool{}}, nil
}

// Close releases the folders.
func (f *FS) Close() error {
	f.folders.close()
	return f.root.Close()
}

// Name is the root's absolute path.
func (f *FS) Name() string { return f.name }

// Clean turns a path into the form that traces use: relative, with slashes, "." for the root. An absolute path must lie below the root.
func (f *FS) Clean(name string) (string, error) {
	name = filepath.ToSlash(name)
	if path.IsAbs(name) {
		inside, found := strings.CutPrefix(path.Clean(name), strings.TrimSuffix(f.name, "/"))
		if !found || inside != "" && !strings.HasPrefix(inside, "/") {
			return "", fmt.Errorf("%w: %s", ErrOutside, name)
		}
		name = strings.TrimPrefix(inside, "/")
	}
	name = path.Clean(name)
	if name == ".." || strings.HasPrefix(name, "../") {
		return "", fmt.Errorf("%w: %s", ErrOutside, name)
	}
	return name, nil
}

// Stat follows symlinks inside the root. A path that is not there becomes part of the trace.
func (f *FS) Stat(name string) (fs.FileInfo, error) {
	clean, err := f.Clean(name)
	if err != nil {
		return nil, err
	}
	info, err := f.folders.lstat(clean)
	if err == nil && isLink(info) {
		info, err = f.root.Stat(clean)
	}
	return info, f.note(clean, err)
}

// Lstat looks at a path without following a symlink at its end. A path that is not there becomes part of the trace, and so does a symlink.
func (f *FS) Lstat(name string) (fs.FileInfo, error) {
	clean, err := f.Clean(name)
	if err != nil {
		return nil, err
	}
	info, err := f.folders.lstat(clean)
	if err == nil && isLink(info) {
		f.mark(f.links, clean)
	}
	return info, f.note(clean, err)
}

// ReadFile returns the content of a regular file of at most MaxFile bytes.
func (f *FS) ReadFile(name string) ([]byte, error) {
	info, err := f.Stat(name)
	if err != nil {
		return nil, err
	}
	clean, _ := f.Clean(name)
	if err := readable(clean, info); err != nil {
		return nil, err
	}
	content, err := f.read(clean)
	if err == nil {
		f.mark(f.files, clean)
	}
	return content, f.note(clean, err)
}

// readable refuses what must not even be opened, since opening a device may do something.
func readable(clean string, info fs.FileInfo) error {
	var reason error
	switch {
	case info.IsDir():
		reason = errors.New("is a directory")
	case !info.Mode().IsRegular():
		reason = ErrIrregular
	case info.Size() > MaxFile:
		reason = fmt.Errorf("more than %d bytes", MaxFile)
	default:
		return nil
	}
	return &fs.PathError{Op: "read", Path: clean, Err: reason}
}

// read looks again at what it has opened, without blocking: the path may have become another thing since, or the file longer.
func (f *FS) read(clean string) ([]byte, error) {
	file, err := f.folders.open(clean)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if err := readable(clean, info); err != nil {
		return nil, err
	}
	content := make([]byte, info.Size())
	length, err := io.ReadFull(file, content)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return content[:length], err
}

// ReadDir lists a folder, sorted by name.
func (f *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	clean, err := f.Clean(name)
	if err != nil {
		return nil, err
	}
	entries, err := f.folders.list(clean)
	if err == nil {
		f.mark(f.dirs, clean)
	}
	return entries, f.note(clean, err)
}

// Trace returns what was read so far.
func (f *FS) Trace() Trace {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return Trace{Files: sorted(f.files), Dirs: sorted(f.dirs), Absent: sorted(f.absent), Links: sorted(f.links)}
}

// note records a path that is not there, and gives the error of a path that leads outside its name.
func (f *FS) note(clean string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		f.mark(f.absent, clean)
	}
	if err != nil && strings.Contains(err.Error(), "path escapes from parent") {
		return fmt.Errorf("%w: %s", ErrOutside, clean)
	}
	return err
}

func (f *FS) mark(set map[string]bool, name string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	set[name] = true
}

func sorted(set map[string]bool) []string {
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
