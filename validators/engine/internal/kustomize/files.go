package kustomize

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"github.com/fluxcd/pkg/sourceignore"
	"github.com/fluxcd/pkg/sourceignore/gitignore"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"gitops-validate/engine/internal/jail"
	"gitops-validate/engine/internal/tree"
)

// errReadOnly answers whatever would write.
var errReadOnly = errors.New("the checkout is read only")

// files is a checkout as kustomize sees it: what the artifact of the source would hold, with a few files replaced in memory. It implements
// kustomize's file system; paths are absolute, as kustomize makes them.
type files struct {
	root     *jail.FS
	ignore   string
	replaced map[string][]byte
	patterns map[string][]gitignore.Pattern
	harmless map[string]bool
}

var _ filesys.FileSystem = (*files)(nil)

func newFiles(root *jail.FS, ignore string) *files {
	return &files{root: root, ignore: ignore, replaced: map[string][]byte{}, patterns: map[string][]gitignore.Pattern{}, harmless: map[string]bool{}}
}

// abs is the absolute path of one that is relative to the root.
func (f *files) abs(clean string) string { return filepath.Join(f.root.Name(), clean) }

func (f *files) isOutside(err error) bool { return errors.Is(err, jail.ErrOutside) }

// ignored reports whether source-controller would leave a path out of the artifact.
func (f *files) ignored(clean string, dir bool) bool {
	if clean == "." {
		return false
	}
	matcher := sourceignore.NewDefaultMatcher(f.patternsAbove(path.Dir(clean)), nil)
	return matcher.Match(strings.Split(clean, "/"), dir)
}

// patternsAbove collects the .sourceignore files from the root down to a folder, and then spec.ignore.
func (f *files) patternsAbove(folder string) []gitignore.Pattern {
	if known, seen := f.patterns[folder]; seen {
		return known
	}
	var patterns []gitignore.Pattern
	var domain []string
	if folder != "." {
		patterns = append(patterns, f.patternsAbove(path.Dir(folder))...)
		domain = strings.Split(folder, "/")
	} else {
		patterns = sourceignore.ReadPatterns(strings.NewReader(f.ignore), nil)
	}
	if body, err := f.root.ReadFile(path.Join(folder, sourceignore.IgnoreFile)); err == nil {
		patterns = append(patterns, sourceignore.ReadPatterns(strings.NewReader(string(body)), domain)...)
	}
	f.patterns[folder] = patterns
	return patterns
}

// stat sees replaced files first, and none that is ignored.
func (f *files) stat(name string) (fs.FileInfo, error) {
	clean, err := f.root.Clean(name)
	if err != nil {
		return nil, err
	}
	info, err := f.root.Stat(clean)
	if err != nil {
		return nil, err
	}
	if f.ignored(clean, info.IsDir()) {
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

// ReadFile implements filesys.FileSystem.
func (f *files) ReadFile(name string) ([]byte, error) {
	clean, err := f.root.Clean(name)
	if err != nil {
		return nil, err
	}
	if body, replaced := f.replaced[clean]; replaced {
		return body, nil
	}
	if _, err := f.stat(clean); err != nil {
		return nil, err
	}
	body, err := f.root.ReadFile(clean)
	if err == nil && !f.harmless[clean] {
		err = harmless(clean, body)
		f.harmless[clean] = err == nil
	}
	return body, err
}

// harmless refuses what kustomize would expand without end: an alias bomb is told by its raw tree, before anything is built from it.
func harmless(clean string, body []byte) error {
	if !bytes.ContainsRune(body, '&') || !bytes.ContainsRune(body, '*') {
		return nil
	}
	roots, err := tree.ReadAll(string(body))
	if err != nil {
		return nil //nolint:nilerr // not YAML: kustomize says so, or takes it as it is
	}
	for _, root := range roots {
		if guard := tree.Inspect(root); guard.Fatal() {
			return &inFile{clean, errors.New(guard.Problems[0].Message)}
		}
	}
	return nil
}

// ReadDir implements filesys.FileSystem.
func (f *files) ReadDir(name string) ([]string, error) {
	clean, err := f.root.Clean(name)
	if err != nil {
		return nil, err
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

// CleanedAbs implements filesys.FileSystem: symlinks are followed as long as they stay inside.
func (f *files) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	clean, err := f.root.Clean(name)
	if err != nil {
		return "", "", err
	}
	real, err := filepath.EvalSymlinks(f.abs(clean))
	if err != nil {
		if !f.Exists(clean) {
			return "", "", fmt.Errorf("%s: no such file or directory", clean)
		}
		real = f.abs(clean)
	}
	if clean, err = f.root.Clean(real); err != nil {
		return "", "", err
	}
	info, err := f.stat(clean)
	if err != nil {
		return "", "", err
	}
	if info.IsDir() {
		return filesys.ConfirmedDir(f.abs(clean)), "", nil
	}
	return filesys.ConfirmedDir(filepath.Dir(f.abs(clean))), filepath.Base(clean), nil
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
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
	for _, entry := range entries {
		below, err := entry.Info()
		if err != nil || f.ignored(path.Join(clean, entry.Name()), entry.IsDir()) {
			continue
		}
		if err := f.walk(filepath.Join(name, entry.Name()), below, visit); err != nil && (!errors.Is(err, filepath.SkipDir) || !below.IsDir()) {
			return err
		}
	}
	return nil
}

// WriteFile implements filesys.FileSystem; nothing is written.
func (f *files) WriteFile(string, []byte) error { return errReadOnly }

// Create implements filesys.FileSystem; nothing is written.
func (f *files) Create(string) (filesys.File, error) { return nil, errReadOnly }

// Mkdir implements filesys.FileSystem; nothing is written.
func (f *files) Mkdir(string) error { return errReadOnly }

// MkdirAll implements filesys.FileSystem; nothing is written.
func (f *files) MkdirAll(string) error { return errReadOnly }

// RemoveAll implements filesys.FileSystem; nothing is written.
func (f *files) RemoveAll(string) error { return errReadOnly }

// Open implements filesys.FileSystem; kustomize reads whole files instead.
func (f *files) Open(name string) (filesys.File, error) {
	return nil, &os.PathError{Op: "open", Path: name, Err: errors.ErrUnsupported}
}
