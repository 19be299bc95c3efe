// Package sops looks at files that SOPS encrypted, with SOPS's own code: at their structure without a key, at their values and MAC with one.
//
// Keys are native age identities that the caller hands over. No other key service is known here: nothing that a file names is asked, run or
// connected to. Decrypted values stay in the process, but for `decrypt`.
package sops

import (
	"fmt"
	"path"
	"strings"

	sops "github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/config"
	"github.com/getsops/sops/v3/stores/dotenv"
	"github.com/getsops/sops/v3/stores/ini"
	sopsjson "github.com/getsops/sops/v3/stores/json"
	"github.com/getsops/sops/v3/stores/yaml"

	"gitops-validate/engine/internal/jail"
	"gitops-validate/engine/internal/worker"
)

// MaxFile is the size, in bytes, up to which Flux decrypts a file.
const MaxFile = 5 << 20

type fileArgs struct {
	Root string `json:"root"`
	Path string `json:"path"`
}

func readFile(config *worker.Config, args fileArgs) ([]byte, error) {
	files, err := jail.Open(config.Roots, args.Root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = files.Close() }()
	return files.ReadFile(args.Path)
}

// store chooses the format by the file's name, as SOPS does.
func store(name string) (sops.Store, string) {
	stores := config.NewStoresConfig()
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml":
		return yaml.NewStore(&stores.YAML), "yaml"
	case ".json":
		return sopsjson.NewStore(&stores.JSON), "json"
	case ".env":
		return dotenv.NewStore(&stores.Dotenv), "dotenv"
	case ".ini":
		return ini.NewStore(&stores.INI), "ini"
	}
	return sopsjson.NewBinaryStore(&stores.JSONBinary), "binary"
}

// load reads an encrypted file; the libraries panic on some input that is none.
func load(name string, body []byte) (tree sops.Tree, format string, err error) {
	store, format := store(name)
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("SOPS cannot read the file: %v", fault)
		}
	}()
	tree, err = store.LoadEncryptedFile(body)
	return tree, format, err
}
