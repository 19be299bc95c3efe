package custom

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"gitops-validate/engine/internal/worker"
)

// known are the definitions of this process: those that were defined, by digest, and those that were read from folders, by file.
var known = struct {
	sync.Mutex
	byDigest map[string]*definition
	byFile   map[string]*definition
}{byDigest: map[string]*definition{}, byFile: map[string]*definition{}}

// keep holds a definition for later; one that is known already stays, with what was compiled of it.
func keep(digest string, found *definition) {
	known.Lock()
	defer known.Unlock()
	if known.byDigest[digest] == nil {
		known.byDigest[digest] = found
	}
}

// lookup finds what defines a kind, nil if nothing does: the repository's own definitions go before those of folders.
func lookup(config *worker.Config, kind schema.GroupVersionKind, digests []string) (found *definition, origin string, err error) {
	known.Lock()
	defer known.Unlock()
	for _, digest := range digests {
		if found := known.byDigest[digest]; found != nil && found.defines(kind) {
			return found, "repository", nil
		}
	}
	for _, folder := range config.Schemas {
		if found, err := fromFolder(folder, kind); err != nil || found != nil {
			return found, "bundle", err
		}
	}
	return nil, "", nil
}

// fromFolder reads <group>/<kind in lower case>.json once; nil if there is no such file.
func fromFolder(folder string, kind schema.GroupVersionKind) (*definition, error) {
	if kind.Group == "" || kind.Kind == "" || strings.ContainsAny(kind.Group+kind.Kind, `/\`) || strings.HasPrefix(kind.Group, ".") {
		return nil, nil
	}
	file := filepath.Join(folder, kind.Group, strings.ToLower(kind.Kind)+".json")
	found, seen := known.byFile[file]
	if !seen {
		body, err := os.ReadFile(file)
		if err == nil {
			found, err = read(body)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		known.byFile[file] = found
	}
	if found == nil || !found.defines(kind) {
		return nil, nil
	}
	return found, nil
}
