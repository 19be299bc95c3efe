//go:build unix

package jail

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"
)

func checkout(t *testing.T) (string, *FS) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	must(t, os.MkdirAll(filepath.Join(root, "a/b"), 0o755))
	must(t, os.WriteFile(filepath.Join(root, "a/file"), []byte("text"), 0o600))
	must(t, os.Symlink("../a/file", filepath.Join(root, "a/inside")))
	must(t, os.Symlink("/etc/hostname", filepath.Join(root, "a/outside")))
	must(t, os.Symlink("/", filepath.Join(root, "a/top")))
	must(t, os.Symlink("loop", filepath.Join(root, "a/loop")))
	must(t, syscall.Mkfifo(filepath.Join(root, "a/pipe"), 0o600))
	opened, err := Open([]string{root}, root)
	must(t, err)
	t.Cleanup(func() { _ = opened.Close() })
	return root, opened
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatLiesInsideIsReadAndTraced(t *testing.T) {
	root, opened := checkout(t)
	for _, name := range []string{"a/file", "a/../a/./file", "a/inside", root + "/a/file"} {
		if content, err := opened.ReadFile(name); err != nil || string(content) != "text" {
			t.Errorf("%s: %q %v", name, content, err)
		}
	}
	if _, err := opened.ReadDir("a/b"); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"a/none", "none/none"} {
		if _, err := opened.ReadFile(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if info, err := opened.Lstat("a/top"); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("a link: %v %v", info, err)
	}
	want := Trace{Files: []string{"a/file", "a/inside"}, Dirs: []string{"a/b"}, Absent: []string{"a/none", "none/none"}, Links: []string{"a/top"}}
	if got := opened.Trace(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestNothingOutsideIsReached(t *testing.T) {
	_, opened := checkout(t)
	for _, name := range []string{"..", "../x", "/etc/hostname", "a/../../x", "a/outside", "a/top/etc/hostname", "a/top", "/"} {
		if _, err := opened.ReadFile(name); !errors.Is(err, ErrOutside) {
			t.Errorf("ReadFile(%s): %v", name, err)
		}
		if _, err := opened.Stat(name); !errors.Is(err, ErrOutside) {
			t.Errorf("Stat(%s): %v", name, err)
		}
		if _, err := opened.ReadDir(name); !errors.Is(err, ErrOutside) {
			t.Errorf("ReadDir(%s): %v", name, err)
		}
	}
}

func TestOnlyRegularFilesAreOpened(t *testing.T) {
	root, opened := checkout(t)
	if _, err := opened.ReadFile("a/pipe"); !errors.Is(err, ErrIrregular) {
		t.Errorf("a pipe: %v", err)
	}
	if _, err := opened.read("a/pipe"); !errors.Is(err, ErrIrregular) {
		t.Errorf("a pipe that took a file's place: %v", err)
	}
	if _, err := opened.ReadFile("a/b"); err == nil {
		t.Error("a folder was read")
	}
	if _, err := opened.ReadFile("a/loop"); err == nil {
		t.Error("a link to itself was read")
	}
	must(t, os.Truncate(filepath.Join(root, "a/file"), MaxFile+1))
	if _, err := opened.ReadFile("a/file"); err == nil {
		t.Error("a file without bounds was read")
	}
}

func TestARootMustBeOneOfTheWorkers(t *testing.T) {
	root, _ := checkout(t)
	if _, err := Open([]string{root}, root+"/a"); err == nil {
		t.Error("a folder that is no root was opened")
	}
}
