package sops

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	sops "github.com/getsops/sops/v3"
)

// selector is the one by which a file's values were chosen.
func selector(found sops.Metadata) Selector {
	for _, candidate := range []Selector{
		{"encrypted_regex", found.EncryptedRegex}, {"encrypted_suffix", found.EncryptedSuffix}, {"encrypted_comment_regex", found.EncryptedCommentRegex},
		{"unencrypted_regex", found.UnencryptedRegex}, {"unencrypted_comment_regex", found.UnencryptedCommentRegex},
	} {
		if candidate.Value != "" {
			return candidate
		}
	}
	return Selector{"unencrypted_suffix", found.UnencryptedSuffix}
}

// selects tells, for the keys that lead to a value, whether SOPS would encrypt it: shouldBeEncrypted of package sops, which is not exported. What
// comments select is not known here; such files count as if all was selected.
func selects(found sops.Metadata) func(path []string) bool {
	chosen := selector(found)
	matches := func(key string) bool { return strings.HasSuffix(key, chosen.Value) }
	switch chosen.Kind {
	case "encrypted_comment_regex", "unencrypted_comment_regex":
		return func([]string) bool { return true }
	case "encrypted_regex", "unencrypted_regex":
		pattern, err := regexp.Compile(chosen.Value)
		if err != nil {
			return func([]string) bool { return true }
		}
		matches = pattern.MatchString
	}
	if strings.HasPrefix(chosen.Kind, "unencrypted") {
		return func(path []string) bool { return chosen.Value == "" || !slices.ContainsFunc(path, matches) }
	}
	return func(path []string) bool { return slices.ContainsFunc(path, matches) }
}

// form is what SOPS writes for a value; the sizes are those of its AES-256-GCM.
var form = regexp.MustCompile(`^ENC\[AES256_GCM,data:(.*),iv:(.+),tag:(.+),type:(.+)\]$`)

const (
	sizeIV  = 32
	sizeTag = 16
)

var types = []string{"str", "int", "float", "bytes", "bool", "time", "comment"}

type ciphertext struct{ iv, kind string }

// ciphertext takes a value apart; ok is false when SOPS cannot have written it.
func (i *inspection) ciphertext(text string) (found ciphertext, ok bool) {
	match := form.FindStringSubmatch(text)
	if match == nil || !slices.Contains(types, match[4]) {
		return found, false
	}
	_, errData := base64.StdEncoding.DecodeString(match[1])
	iv, errIV := base64.StdEncoding.DecodeString(match[2])
	tag, errTag := base64.StdEncoding.DecodeString(match[3])
	found = ciphertext{iv: match[2], kind: match[4]}
	return found, errData == nil && errIV == nil && errTag == nil && len(iv) == sizeIV && len(tag) == sizeTag
}
