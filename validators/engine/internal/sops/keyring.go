package sops

import (
	"fmt"
	"strings"

	"filippo.io/age"
	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/cmd/sops/common"
	"github.com/getsops/sops/v3/cmd/sops/formats"
	"github.com/getsops/sops/v3/config"

	"gitops-validate/engine/internal/fault"
)

// Keyring decrypts as kustomize-controller does: with native age identities, without a look at the MAC, which does not fit what kustomize has built.
type Keyring struct{ own []age.Identity }

// NewKeyring reads age identities, one a line.
func NewKeyring(text []byte) (*Keyring, *fault.Problem) {
	own, problem := identities([][]byte{text})
	if problem != nil {
		return nil, problem
	}
	return &Keyring{own}, nil
}

// Locked reports whether a problem of Open is that no key of the ring opens the file, which a cluster with other keys may do.
func Locked(problem *fault.Problem) bool {
	return problem.Reason == "no-key" || problem.Reason == "key-not-available"
}

// Open gives a file in plain text, as SOPS' own store writes it in another format, and its values, so that they can be kept out of messages.
func (k *Keyring) Open(name string, body []byte, from, to formats.Format) (plain []byte, values []string, problem *fault.Problem) {
	defer func() {
		if recover() != nil {
			plain, values, problem = nil, nil, &fault.Problem{Reason: "unsupported-structure", Message: unsupported}
		}
	}()
	file := loadAs(name, formatNames[from], body)
	known := len(file.problems)
	_, inside := file.open(k.own)
	if inside == nil || !inside.whole {
		if len(file.problems) == 0 {
			return nil, nil, &fault.Problem{Reason: "metadata", Message: "SOPS does not accept the metadata of this file"}
		}
		return nil, nil, &file.problems[min(known, len(file.problems)-1)]
	}
	if from == to && from == formats.Binary {
		plain, err := inside.text()
		return plain, []string{string(plain)}, unwritable(to, err)
	}
	plain, err := common.StoreForFormat(to, config.NewStoresConfig()).EmitPlainFile(inside.plain)
	for _, branch := range inside.plain {
		values = leafTexts(branch, values)
	}
	return plain, values, unwritable(to, err)
}

// unwritable leaves out the library's words, which may quote what it was to write.
func unwritable(format formats.Format, err error) *fault.Problem {
	if err == nil {
		return nil
	}
	return &fault.Problem{Reason: "unsupported-structure", Message: "what is encrypted cannot be written as " + formatNames[format]}
}

// leafTexts adds all leaves of a value, as texts.
func leafTexts(value any, found []string) []string {
	switch value := value.(type) {
	case sops.TreeBranch:
		for _, item := range value {
			found = leafTexts(item.Value, found)
		}
	case []any:
		for _, below := range value {
			found = leafTexts(below, found)
		}
	case nil, bool, sops.Comment:
	default:
		found = append(found, strings.TrimSpace(fmt.Sprint(value)))
	}
	return found
}
