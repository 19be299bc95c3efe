package sops

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"filippo.io/age/armor"
	sops "github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/age"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/parse"
	"gitops-validate/engine/internal/tree"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// Recipient is one key that can decrypt a file.
type Recipient struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// Selector says which values a file's metadata wants encrypted.
type Selector struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// Leaf is one value of an encrypted file, without the value.
type Leaf struct {
	Document int    `json:"document"`
	Pointer  string `json:"pointer"`
	State    string `json:"state"` // encrypted, plain, malformed or empty
	Selected bool   `json:"selected"`
	Type     string `json:"type,omitempty"`
}

// Structure is what can be seen of an encrypted file without a key.
type Structure struct {
	Format           string          `json:"format"`
	Version          string          `json:"version"`
	LastModified     string          `json:"lastmodified"`
	Recipients       [][]Recipient   `json:"recipients"`
	Selector         Selector        `json:"selector"`
	MACOnlyEncrypted bool            `json:"mac_only_encrypted"`
	ShamirThreshold  int             `json:"shamir_threshold"`
	Leaves           []Leaf          `json:"leaves"`
	Problems         []fault.Problem `json:"problems"`
}

// Inspect answers `inspect`.
func Inspect(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[fileArgs](request)
	if err != nil {
		return nil, nil, err
	}
	body, err := readFile(config, args)
	if err != nil {
		return nil, nil, err
	}
	return inspect(args.Path, body), nil, nil
}

// inspection is a structure while it is being found, with the file that it is found in.
type inspection struct {
	Structure
	name  string
	body  []byte
	seen  map[string]bool // initialisation vectors
	wants func(path []string) bool
}

func inspect(name string, body []byte) Structure {
	i := &inspection{name: name, body: body, seen: map[string]bool{}}
	i.Recipients, i.Leaves, i.Problems = [][]Recipient{}, []Leaf{}, []fault.Problem{}
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		i.problem(0, "", "empty", "the file is empty: an interrupted rotation leaves such files")
		return i.Structure
	case len(body) > MaxFile:
		i.problem(0, "", "too-large", "Flux decrypts no file larger than 5 MiB")
		return i.Structure
	}
	loaded, format, err := load(name, body)
	i.Format, i.wants = format, func([]string) bool { return false } // without metadata SOPS would touch nothing
	switch {
	case err == nil:
		i.metadata(loaded.Metadata)
	case !errors.Is(err, sops.MetadataNotFound):
		i.problem(0, "/sops", "metadata", "SOPS cannot read its metadata: "+plainly(err))
	}
	if format == "yaml" || format == "json" {
		i.leaves(parse.Parse(name, body))
	}
	return i.Structure
}

// plainly is an error without the values that it quotes.
func plainly(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return regexp.MustCompile("`[^`]*`|\"[^\"]*\"|'[^']*'").ReplaceAllString(text, "…")
}

func (i *inspection) metadata(found sops.Metadata) {
	i.Version, i.MACOnlyEncrypted, i.ShamirThreshold = found.Version, found.MACOnlyEncrypted, found.ShamirThreshold
	i.LastModified, i.Selector, i.wants = found.LastModified.UTC().Format(time.RFC3339), selector(found), selects(found)
	if found.Version == "" {
		i.problem(0, "/sops", "no-version", "the metadata names no version of SOPS")
	}
	if found.MessageAuthenticationCode == "" {
		i.problem(0, "/sops", "no-mac", "the metadata has no MAC: SOPS refuses the file, and nobody can tell whether it was altered")
	} else if _, ok := i.ciphertext(found.MessageAuthenticationCode); !ok {
		i.problem(0, "/sops/mac", "mac-malformed", "the MAC is not what SOPS writes: it was cut or edited")
	}
	keys := 0
	for _, group := range found.KeyGroups {
		recipients := []Recipient{}
		for _, key := range group {
			keys++
			recipients = append(recipients, Recipient{Type: key.TypeToIdentifier(), ID: key.ToString()})
			if aged, is := key.(*age.MasterKey); is && !isArmored(aged.EncryptedKey) {
				i.problem(0, "/sops/age", "age-malformed", fmt.Sprintf("the data key for %s is no age file: it was cut or edited", aged.Recipient))
			}
		}
		i.Recipients = append(i.Recipients, recipients)
	}
	if keys == 0 {
		i.problem(0, "/sops", "no-recipients", "the metadata names no recipient: nobody can decrypt the file")
	}
}

func isArmored(text string) bool {
	decoded, err := io.ReadAll(armor.NewReader(strings.NewReader(text)))
	return err == nil && bytes.HasPrefix(decoded, []byte("age-encryption.org/v1\n"))
}

// leaves looks at every value of every document, the metadata apart.
func (i *inspection) leaves(file parse.File) {
	for _, document := range file.Documents {
		var values any
		if json.Unmarshal(document.Body(), &values) != nil {
			continue
		}
		if top, is := values.(map[string]any); is {
			delete(top, "sops")
		}
		i.walk(document.Index, values, "", nil)
	}
}

func (i *inspection) walk(document int, value any, pointer string, keys []string) {
	switch value := value.(type) {
	case map[string]any:
		names := make([]string, 0, len(value))
		for name := range value {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			i.walk(document, value[name], pointer+"/"+tree.Escape(name), append(keys[:len(keys):len(keys)], name))
		}
	case []any:
		for index, item := range value {
			i.walk(document, item, pointer+"/"+strconv.Itoa(index), keys)
		}
	default:
		i.leaf(Leaf{Document: document, Pointer: pointer, Selected: i.wants(keys)}, value)
	}
}

func (i *inspection) leaf(leaf Leaf, value any) {
	text, isText := value.(string)
	switch {
	case value == nil || isText && text == "":
		leaf.State = "empty"
	case !isText || !strings.HasPrefix(text, "ENC["):
		leaf.State = "plain"
	default:
		sealed, ok := i.ciphertext(text)
		leaf.State, leaf.Type = "encrypted", sealed.kind
		if !ok {
			leaf.State = "malformed"
		} else if i.seen[sealed.iv] {
			i.problem(leaf.Document, leaf.Pointer, "nonce-reuse", "two values have the same initialisation vector: one was copied by hand, and AES-GCM is broken by it")
		}
		i.seen[sealed.iv] = true
	}
	i.Leaves = append(i.Leaves, leaf)
}

func (i *inspection) problem(document int, pointer, reason, message string) {
	found := fault.Problem{Reason: reason, Message: message, Line: 1, Column: 1}
	if place := parse.Place(i.name, i.body, document, pointer); place.Line > 0 {
		found.Line, found.Column = place.Line, place.Column
	}
	i.Problems = append(i.Problems, found)
}
