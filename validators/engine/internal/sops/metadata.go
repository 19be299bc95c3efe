package sops

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/stores"

	"gitops-validate/engine/internal/tree"

	sopsage "github.com/getsops/sops/v3/age"
)

var (
	selectors = []string{"unencrypted_suffix", "encrypted_suffix", "unencrypted_regex", "encrypted_regex", "unencrypted_comment_regex", "encrypted_comment_regex"}
	keyTypes  = []string{"kms", "gcp_kms", "hckms", "azure_kv", "hc_vault", "age", "pgp", "key_groups"}
)

// extract takes the metadata out of the branches, as they are written. SOPS reads those of the first document only.
func extract(format string, branches sops.TreeBranches) (sops.TreeBranches, map[string]any) {
	var written map[string]any
	rest := make(sops.TreeBranches, len(branches))
	for i, branch := range branches {
		for _, item := range branch {
			key, _ := item.Key.(string)
			switch {
			case format == "dotenv" && strings.HasPrefix(key, stores.SopsPrefix):
				if written == nil {
					written = map[string]any{}
				}
				written[strings.TrimPrefix(key, stores.SopsPrefix)] = item.Value
			case format != "dotenv" && key == stores.SopsMetadataKey:
				if i == 0 && written == nil {
					written = entries(item.Value)
				}
			default:
				rest[i] = append(rest[i], item)
			}
		}
	}
	return rest, written
}

// entries are those of a mapping; what is no mapping has none, but is there.
func entries(value any) map[string]any {
	all := map[string]any{}
	branch, _ := value.(sops.TreeBranch)
	for _, item := range branch {
		if key, is := item.Key.(string); is {
			all[key] = item.Value
		}
	}
	return all
}

// fromWritten reads selectors where SOPS refuses the rest, so that values can be judged all the same.
func fromWritten(written map[string]any) sops.Metadata {
	text := func(name string) string { value, _ := written[name].(string); return value }
	metadata := sops.Metadata{
		UnencryptedSuffix: text("unencrypted_suffix"), EncryptedSuffix: text("encrypted_suffix"),
		UnencryptedRegex: text("unencrypted_regex"), EncryptedRegex: text("encrypted_regex"),
		UnencryptedCommentRegex: text("unencrypted_comment_regex"), EncryptedCommentRegex: text("encrypted_comment_regex"),
		MessageAuthenticationCode: text("mac"), Version: text("version"),
	}
	if kind, _ := selectorOf(metadata); kind == "" {
		metadata.UnencryptedSuffix = sops.DefaultUnencryptedSuffix
	}
	return metadata
}

// selectorOf is the one rule by which a file chooses what to encrypt.
func selectorOf(m sops.Metadata) (kind, value string) {
	for i, value := range []string{m.UnencryptedSuffix, m.EncryptedSuffix, m.UnencryptedRegex, m.EncryptedRegex, m.UnencryptedCommentRegex, m.EncryptedCommentRegex} {
		if value != "" {
			return selectors[i], value
		}
	}
	return "", ""
}

// fault reports a problem of the metadata at the entry that it is about.
func (f *file) fault(reason, message string, entry ...string) {
	pointer := ""
	for _, step := range append([]string{stores.SopsMetadataKey}, entry...) {
		pointer += "/" + tree.Escape(step)
	}
	if f.format == "dotenv" {
		pointer = "/" + strings.Join(append([]string{stores.SopsMetadataKey}, entry...), "_")
	}
	place := f.place(0, pointer, false)
	f.report(reason, message, place.Line, place.Column)
}

// checkMetadata names what is wrong with the metadata. What SOPS refuses for another reason is metadata.
func (f *file) checkMetadata() {
	if f.written == nil {
		return
	}
	before := len(f.problems)
	if len(f.written) == 0 {
		f.fault("metadata", "the sops field is empty, or not a mapping")
		return
	}
	f.checkSelector()
	if f.metadata.Version == "" {
		f.fault("no-version", "the metadata name no version of SOPS")
	}
	f.checkDate()
	f.checkMAC()
	if !hasKeys(f.written) {
		f.fault("no-recipients", "the metadata name no key that could decrypt the file")
	}
	f.checkRecipients()
	if !f.valid && len(f.problems) == before {
		f.fault("metadata", "SOPS does not accept these metadata")
	}
}

func hasKeys(written map[string]any) bool {
	for name, value := range written {
		for _, kind := range keyTypes {
			if list, is := value.([]any); name == kind && is && len(list) > 0 || strings.HasPrefix(name, kind+"__list_") {
				return true
			}
		}
	}
	return false
}

func (f *file) checkSelector() {
	var found []string
	for _, name := range selectors {
		value, _ := f.written[name].(string)
		if value == "" {
			continue
		}
		found = append(found, name)
		if _, err := regexp.Compile(value); strings.HasSuffix(name, "_regex") && err != nil {
			f.fault("bad-selector", name+" is not a regular expression, so that it matches nothing", name)
		}
	}
	if len(found) > 1 {
		f.fault("several-selectors", "only one of "+strings.Join(found, ", ")+" may stand in a file", found[1])
	}
}

func (f *file) checkDate() {
	switch value := f.written["lastmodified"].(type) {
	case nil:
		f.fault("no-lastmodified", "the metadata do not say when the file was last modified")
	case string:
		if _, err := time.Parse(time.RFC3339, value); err != nil {
			f.fault("bad-lastmodified", "lastmodified is not a date and time as RFC 3339 writes them", "lastmodified")
		}
	case time.Time:
	default:
		f.fault("bad-lastmodified", "lastmodified is not a date and time as RFC 3339 writes them", "lastmodified")
	}
}

func (f *file) checkMAC() {
	mac, is := f.written["mac"].(string)
	switch value, form := readValue(mac); {
	case mac == "" && (is || f.written["mac"] == nil):
		f.fault("no-mac", "the metadata hold no MAC; Flux takes such a file for plain text")
	case form != "":
		f.fault("mac-malformed", "the MAC is not a value that SOPS encrypted: "+form, "mac")
	case value.kind != "str":
		f.fault("mac-malformed", "the MAC is not an encrypted string", "mac")
	}
}

func (f *file) checkRecipients() {
	groups := f.metadata.KeyGroups
	if threshold := f.metadata.ShamirThreshold; len(groups) > 1 && (threshold < 2 || threshold > len(groups)) {
		f.fault("bad-threshold", fmt.Sprintf("shamir_threshold is %d, but there are %d key groups", threshold, len(groups)), "shamir_threshold")
	}
	for g, group := range groups {
		number := 0
		for _, key := range group {
			if key, is := key.(*sopsage.MasterKey); is {
				f.checkAge(key, f.ageEntry(g, number))
				number++
			}
		}
	}
}

func (f *file) ageEntry(group, number int) []string {
	entry := []string{"age", fmt.Sprint(number)}
	if len(f.metadata.KeyGroups) > 1 || f.written["age"] == nil {
		entry = append([]string{"key_groups", fmt.Sprint(group)}, entry...)
	}
	return entry
}

func (f *file) checkAge(key *sopsage.MasterKey, entry []string) {
	if problem := recipientFault(key.Recipient); problem != "" {
		f.fault("bad-recipient", problem, append(entry, "recipient")...)
	}
	if key.EncryptedKey == "" {
		f.fault("age-malformed", "the data key was never encrypted for this recipient", entry...)
	} else if fault := sealedKeyFault(key.EncryptedKey); fault != "" {
		f.fault("age-malformed", fault, append(entry, "enc")...)
	}
}

// Sizes in bytes: of what an age file has around a payload of one chunk, a nonce and a tag (https://c2sp.org/age#payload), of a data key, and of
// the share of one that each of several key groups has.
const (
	aroundPayload = 16 + 16
	dataKey       = 32
	dataKeyShare  = dataKey + 1
)

// sealedKeyFault is what can be told to be wrong with an encrypted data key without its recipient's private key.
func sealedKeyFault(text string) string {
	header, err := age.ExtractHeader(armor.NewReader(strings.NewReader(text)))
	if err != nil {
		return "the data key of this recipient is not an armored age file"
	}
	whole, err := io.ReadAll(armor.NewReader(strings.NewReader(text)))
	if err != nil {
		return "the armor around this recipient's data key is damaged"
	}
	if size := len(whole) - len(header) - aroundPayload; size != dataKey && size != dataKeyShare {
		return "this recipient's data key is damaged: it is shorter or longer than SOPS writes it"
	}
	return ""
}

// recipientFault never loads a plugin: whose recipients, like SSH keys, are only recognised.
func recipientFault(recipient string) string {
	_, err := nativeRecipient(recipient)
	if err == nil || errors.Is(err, errNotNative) {
		return ""
	}
	return "this is not an age recipient"
}
