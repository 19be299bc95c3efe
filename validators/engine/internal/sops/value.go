package sops

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Lengths that SOPS writes, in bytes.
const (
	nonceSize = 32
	tagSize   = 16
)

var (
	form  = regexp.MustCompile(`^ENC\[AES256_GCM,data:(.+),iv:(.+),tag:(.+),type:(.+)\]`)
	kinds = []string{"str", "int", "float", "bytes", "bool", "time", "comment"}
)

// sealed is an encrypted value.
type sealed struct {
	nonce string
	kind  string
}

// isCiphertext reports whether a value claims to be encrypted.
func isCiphertext(text string) bool { return strings.HasPrefix(text, "ENC[AES256_GCM") }

// readValue reads the form of an encrypted value; fault says what is wrong with it.
func readValue(text string) (value sealed, fault string) {
	parts := form.FindStringSubmatch(text)
	switch {
	case parts == nil:
		return value, "it does not have the form of an encrypted value"
	case len(parts[0]) != len(text):
		return value, "there is text after the encrypted value"
	case !slices.Contains(kinds, parts[4]):
		return value, "its type is unknown"
	}
	value = sealed{nonce: parts[2], kind: parts[4]}
	if _, err := base64.StdEncoding.DecodeString(parts[1]); err != nil {
		return value, "its data is not base64"
	}
	if fault = size("iv", parts[2], nonceSize); fault == "" {
		fault = size("tag", parts[3], tagSize)
	}
	return value, fault
}

func size(name, text string, want int) string {
	body, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "its " + name + " is not base64"
	}
	if len(body) != want {
		return fmt.Sprintf("its %s has %d bytes, not %d", name, len(body), want)
	}
	return ""
}
