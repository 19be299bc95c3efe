package sops

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// shortest is the length of a value from which on two that are equal tell something, in bytes.
const shortest = 8

// Fingerprint stands for an encrypted value: that of another file is equal if the values are. Without the private keys, nothing can be learned from it.
type Fingerprint struct {
	Document int    `json:"document"`
	Pointer  string `json:"pointer"`
	Digest   string `json:"digest"`
}

// keyPrint stands for the data key: that of another file is equal if it has the same one.
func (o *opened) keyPrint(secret []byte) string {
	key := sha256.Sum256(append([]byte("gitops-engine data key\x00"), secret...))
	mac := hmac.New(sha256.New, key[:])
	mac.Write(o.key)
	return base64.RawStdEncoding.EncodeToString(mac.Sum(nil))
}

// fingerprints are those of the texts that the file encrypts, by the private keys that open it.
func (o *opened) fingerprints(secret []byte) []Fingerprint {
	key := sha256.Sum256(append([]byte("gitops-engine fingerprint\x00"), secret...))
	found := []Fingerprint{}
	o.walk(o.plain, func(at step) {
		sealed, _ := at.value.(string)
		text, is := at.made.(string)
		if !is || !isCiphertext(sealed) || len(text) < shortest {
			return
		}
		mac := hmac.New(sha256.New, key[:])
		mac.Write([]byte(text))
		found = append(found, Fingerprint{at.document, at.pointer, base64.RawStdEncoding.EncodeToString(mac.Sum(nil))})
	})
	return found
}
