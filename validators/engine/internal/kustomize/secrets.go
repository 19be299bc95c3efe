package kustomize

import (
	"path"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
)

// minSecret is the length, in bytes, from which a text is hidden in messages; shorter ones would hide everything. maxSecrets bounds how many
// are looked for: where there are more, the whole message is hidden.
const (
	minSecret  = 4
	maxSecrets = 10_000
)

// keepSecrets remembers what the secret generators of a kustomization are given, since their errors quote it.
func (b *build) keepSecrets(folder string, root types.Kustomization) {
	for _, generator := range root.SecretGenerator {
		for _, literal := range generator.LiteralSources {
			b.keepSecret(literal)
		}
		for _, source := range sources(generator.KvPairSources) {
			if source == "" {
				continue
			}
			if body, err := b.files.ReadFile(path.Join(folder, source)); err == nil {
				for line := range strings.Lines(string(body)) {
					b.keepSecret(strings.TrimSpace(line))
				}
			}
		}
	}
}

// keepSecret remembers a value, and the whole text when nothing in it tells which part the value is.
func (b *build) keepSecret(text string) {
	if _, value, named := strings.Cut(text, "="); named {
		text = strings.Trim(value, `"'`)
	}
	if len(text) >= minSecret && len(b.secrets) < maxSecrets {
		b.secrets = append(b.secrets, text)
	}
}
