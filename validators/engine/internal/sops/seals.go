package sops

import (
	"crypto/sha256"
	"encoding/base64"
)

// Seal is one thing that SOPS encrypted in a file, the MAC and comments too: files that share a data key must not share a nonce, but for the same ciphertext.
type Seal struct {
	Nonce  string `json:"nonce"`
	Digest string `json:"digest"` // of the ciphertext, and of what stands before it
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// copies are digests of the data key as it is encrypted for each recipient, by which files are known that have the same one.
func (f *file) copies() []string {
	var found []string
	for _, group := range f.metadata.KeyGroups {
		for _, key := range group {
			if copied := key.EncryptedDataKey(); len(copied) > 0 {
				found = append(found, digest(string(copied)))
			}
		}
	}
	return found
}

// seal remembers what was encrypted.
func (f *file) seal(text string, value sealed, line, column int) {
	f.seals = append(f.seals, Seal{Nonce: value.nonce, Digest: digest(text), Line: line, Column: column})
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawStdEncoding.EncodeToString(sum[:16])
}
