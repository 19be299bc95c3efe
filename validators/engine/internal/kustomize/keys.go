package kustomize

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/getsops/sops/v3/cmd/sops/formats"

	"gitops-validate/engine/internal/sops"
	"gitops-validate/engine/internal/wire"
)

// locked is a file that no given key opens: placeholders stand in for its values.
type locked struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// keyring holds the age identities of a request, nil if it brings none.
func keyring(index *int, blobs wire.Blobs) (*sops.Keyring, error) {
	if index == nil {
		return nil, nil
	}
	if *index < 0 || *index >= len(blobs) {
		return nil, fmt.Errorf("identities names blob %d of %d", *index, len(blobs))
	}
	keys, problem := sops.NewKeyring(blobs[*index])
	if problem != nil {
		return nil, errors.New(problem.Message)
	}
	return keys, nil
}

// unseal gives what stands for an encrypted file: what it holds if a key opens it, else placeholders, which it reports. No error quotes a value.
func (b *build) unseal(file string, body []byte, from, to formats.Format) (plain []byte, sealed bool, err error) {
	if plain, err = b.decrypt(file, body, from, to); plain != nil || err != nil {
		return plain, false, err
	}
	plain, err = unsealed(body, from, to)
	return plain, true, err
}

// decrypt opens a file with the keys of the request and keeps what it holds out of messages. Nil and no error: there is no key for it.
func (b *build) decrypt(file string, body []byte, from, to formats.Format) ([]byte, error) {
	if b.keys == nil {
		return nil, nil
	}
	plain, values, problem := b.keys.Open(file, body, from, to)
	switch {
	case problem == nil:
		b.keepValues(values)
		return append([]byte{}, plain...), nil
	case !sops.Locked(problem):
		return nil, fmt.Errorf("an encrypted file that cannot be decrypted: %s", problem.Message)
	}
	if here := (locked{file, problem.Message}); !slices.Contains(b.locked, here) {
		b.locked = append(b.locked, here)
	}
	return nil, nil
}

// decryptObject does the same to an object that kustomize has built, as JSON. It reports whether a key was there.
func (b *build) decryptObject(data map[string]any, file string) (bool, error) {
	if b.keys == nil {
		return false, nil
	}
	body, err := json.Marshal(data)
	if err != nil {
		return false, errUnreadable
	}
	plain, err := b.decrypt(file, body, formats.Json, formats.Json)
	if plain == nil || err != nil {
		return false, err
	}
	clear(data)
	decoder := json.NewDecoder(bytes.NewReader(plain))
	decoder.UseNumber() // a float cannot hold every number
	return true, decoder.Decode(&data)
}

// keepValues remembers decrypted values, whole and line by line, as text and in base64, in which a Secret's data holds them.
func (b *build) keepValues(values []string) {
	for _, value := range values {
		decoded, _ := base64.StdEncoding.DecodeString(value)
		for _, text := range append(strings.Split(value, "\n"), value, string(decoded), base64.StdEncoding.EncodeToString([]byte(value))) {
			if text = strings.TrimSpace(text); len(text) >= minSecret && len(b.secrets) < maxSecrets {
				b.secrets = append(b.secrets, text)
			}
		}
	}
}
