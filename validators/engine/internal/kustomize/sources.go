package kustomize

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/cmd/sops/common"
	"github.com/getsops/sops/v3/cmd/sops/formats"
	"github.com/getsops/sops/v3/config"
	"sigs.k8s.io/kustomize/api/types"

	"gitops-validate/engine/internal/fault"
)

// maxEncrypted is the size of a file beyond which kustomize-controller does not decrypt, in bytes.
const maxEncrypted = 5 << 20

// signs are how kustomize-controller tells that a file of a format is encrypted.
var signs = map[formats.Format]string{
	formats.Binary: `"mac": "ENC[`, formats.Json: `"mac": "ENC[`, formats.Dotenv: "sops_mac=ENC[", formats.Ini: "[sops]", formats.Yaml: "mac: ENC[",
}

func isSealed(body []byte, format formats.Format) bool {
	return bytes.Contains(body, []byte(signs[format]))
}

// formatOf is the format that kustomize-controller takes a file for by its name.
func formatOf(name string) formats.Format {
	if strings.HasSuffix(name, ".dockerconfigjson") {
		return formats.Json
	}
	return formats.FormatForPath(name)
}

// unsealSources replaces, in memory, the encrypted files that kustomize-controller decrypts before the build: sources of secret generators and patches.
func (b *build) unsealSources(file, folder string, root types.Kustomization) *fault.Failure {
	if !b.decrypts() {
		return nil
	}
	for _, source := range encryptable(root) {
		entry, format := source.entry, source.format
		clean, err := b.files.real(path.Join(folder, entry))
		if err != nil || b.tried[clean] {
			continue
		}
		b.tried[clean] = true
		body, err := b.files.ReadFile(clean)
		switch {
		case err != nil:
			continue // kustomize says so
		case len(body) > maxEncrypted:
			return b.at(file, entry, "kustomize-build", fmt.Sprintf("%q has more than %d bytes, which Flux does not decrypt", entry, maxEncrypted))
		case !isSealed(body, format):
			continue
		}
		plain, sealed, err := b.unseal(clean, body, format, format)
		if err == nil {
			err = harmless(clean, plain)
		}
		if err != nil {
			return b.at(file, entry, "kustomize-build", fmt.Sprintf("%q holds %s", entry, err))
		}
		b.files.replaced[clean], b.unsealed = plain, b.unsealed || sealed
		b.files.annotated = b.files.annotated || mentionsAnnotations(plain)
	}
	return nil
}

// source is a file that may be encrypted, as a kustomization names it, and the format that it is read in.
type source struct {
	entry  string
	format formats.Format
}

// encryptable lists the files of a kustomization that may be encrypted, in the order in which Flux tries them. A file is tried once: where two keys
// of a generator name it, the first says in which format.
func encryptable(root types.Kustomization) (found []source) {
	for _, generator := range root.SecretGenerator {
		for _, entry := range generator.FileSources {
			key, file, named := strings.Cut(entry, "=")
			if !named {
				file = key
			}
			found = append(found, source{file, formatOf(key)})
		}
		for _, entry := range generator.EnvSources {
			format := formatOf(entry)
			if format == formats.Binary {
				format = formats.Dotenv
			}
			found = append(found, source{entry, format})
		}
	}
	for _, patch := range root.Patches {
		if patch.Path != "" {
			found = append(found, source{patch.Path, formatOf(patch.Path)})
		}
	}
	return found
}

var errShape = errors.New("an encrypted file whose content does not fit its name")

// unsealed is what stands for a decrypted file: as SOPS' own store writes it in another format, with placeholders. No error quotes a value.
func unsealed(body []byte, from, to formats.Format) (plain []byte, err error) {
	defer func() {
		if recover() != nil {
			plain, err = nil, errShape
		}
	}()
	if from == formats.Binary {
		from = formats.Json // a JSON file that holds the binary one
	}
	stores := config.NewStoresConfig()
	branches, err := common.StoreForFormat(from, stores).LoadPlainFile(body)
	if err != nil {
		return nil, errShape
	}
	for i, branch := range branches {
		branches[i] = openBranch(branch)
	}
	if plain, err = common.StoreForFormat(to, stores).EmitPlainFile(branches); err != nil {
		return nil, errShape
	}
	return plain, nil
}

// openBranch drops SOPS' own entries and encrypted comments, and puts placeholders for encrypted values.
func openBranch(branch sops.TreeBranch) sops.TreeBranch {
	kept := sops.TreeBranch{}
	for _, item := range branch {
		name, _ := item.Key.(string)
		_, comment := item.Key.(sops.Comment)
		if name == "sops" || strings.HasPrefix(name, "sops_") || comment {
			continue
		}
		kept = append(kept, sops.TreeItem{Key: item.Key, Value: openItem(item.Value)})
	}
	return kept
}

func openItem(value any) any {
	switch value := value.(type) {
	case sops.TreeBranch:
		return openBranch(value)
	case []any:
		kept := []any{}
		for _, below := range value {
			if _, comment := below.(sops.Comment); !comment {
				kept = append(kept, openItem(below))
			}
		}
		return kept
	case string:
		if match := sealed.FindStringSubmatch(value); match != nil {
			return typed(match[1])
		}
	}
	return value
}
