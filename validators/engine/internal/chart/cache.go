package chart

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// largest bounds an archive, in bytes.
const largest = 100 << 20

// store is the chart cache: archives named after their content, and a folder of notes on which address gave which content.
type store struct {
	root   *os.Root
	folder string
}

const notes = "resolved"

func open(folder string) (*store, error) {
	if folder == "" {
		return nil, errors.New("this worker has no chart cache")
	}
	if err := os.MkdirAll(filepath.Join(folder, notes), 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(folder)
	return &store{root, folder}, err
}

func (s *store) close() { _ = s.root.Close() }

// add puts an archive into the cache and returns its path and digest. Nothing half-written ever has its final name.
func (s *store) add(content io.Reader) (archive, digest string, err error) {
	temporary := ".incoming-" + rand.Text()
	defer func() { _ = s.root.Remove(temporary) }()
	hash := sha256.New()
	size, err := s.write(temporary, io.TeeReader(io.LimitReader(content, largest+1), hash))
	if err != nil {
		return "", "", err
	}
	if size > largest {
		return "", "", failed("chart-too-large", "the archive is larger than %d bytes", int64(largest))
	}
	sum := hex.EncodeToString(hash.Sum(nil))
	return filepath.Join(s.folder, sum+".tgz"), "sha256:" + sum, s.rename(temporary, sum+".tgz")
}

func (s *store) write(name string, content io.Reader) (int64, error) {
	file, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	size, err := io.Copy(file, content)
	return size, errors.Join(err, file.Sync(), file.Close())
}

// rename gives a file its final name, and makes the folder remember it.
func (s *store) rename(from, to string) error {
	if err := s.root.Rename(from, to); err != nil {
		return err
	}
	folder, err := s.root.Open(path.Dir(to))
	if err != nil {
		return err
	}
	defer folder.Close()
	_ = folder.Sync() // not every file system can
	return nil
}

// key is the name of the note on an address.
func key(where address) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%t %q %q %q %q", where.registry, where.url, where.name, where.version, where.digest))
	return path.Join(notes, hex.EncodeToString(sum[:])+".json")
}

// lasting says whether an address names the same content forever: a digest or a version does, a constraint or a tag does not.
func lasting(where address) bool { return where.digest != "" || exact(where.version) }

// remember notes what an address gave, if it will always give that.
func (s *store) remember(where address, found result) error {
	if !lasting(where) {
		return nil
	}
	body, err := json.Marshal(found)
	if err != nil {
		return err
	}
	temporary := ".incoming-" + rand.Text()
	if _, err := s.write(temporary, strings.NewReader(string(body))); err != nil {
		return err
	}
	return s.rename(temporary, key(where))
}

// recall returns what an address gave before. The archive is hashed again; one that changed is as good as none.
func (s *store) recall(where address) (found result, ok bool) {
	if !lasting(where) {
		return result{}, false
	}
	body, err := s.root.ReadFile(key(where))
	if err != nil || json.Unmarshal(body, &found) != nil {
		return result{}, false
	}
	name := strings.TrimPrefix(found.Digest, "sha256:") + ".tgz"
	if !plain(name) || s.hash(name) != found.Digest {
		return result{}, false
	}
	found.Archive = filepath.Join(s.folder, name) // the cache may have moved
	return found, true
}

func (s *store) hash(name string) string {
	info, err := s.root.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	file, err := s.root.Open(name)
	if err != nil {
		return ""
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return ""
	}
	return "sha256:" + hex.EncodeToString(hash.Sum(nil))
}
