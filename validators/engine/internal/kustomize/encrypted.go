package kustomize

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"path"
	"regexp"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
)

// Placeholder stands for an encrypted value; it is a text that no check takes for a secret.
const Placeholder = "encrypted"

var (
	sealed = regexp.MustCompile(`^ENC\[AES256_GCM,data:.*,type:([a-z]+)\]$`)
	inText = regexp.MustCompile(`ENC\[AES256_GCM,[^\]]*\]`)
	// marks are how SOPS's formats show in a file that a generator takes whole
	marks = [][]byte{[]byte("\nsops:\n"), []byte("\"sops\": {"), []byte("sops_mac="), []byte("[sops]"), []byte("\"sops\":{")}
)

// placeholders replaces the ciphertext in an object and drops its sops field. It reports whether the object was encrypted, as
// kustomize-controller tells: by a MAC that is not empty, or by a whole encrypted file in a Secret's data.
func placeholders(data map[string]any) bool {
	if metadata, _ := data["sops"].(map[string]any); metadata != nil && metadata["mac"] != nil && metadata["mac"] != "" {
		delete(data, "sops")
		for name, value := range data {
			data[name] = open(value)
		}
		if data["kind"] == "Secret" {
			fillSecret(data)
		}
		return true
	}
	return data["kind"] == "Secret" && openFiles(data)
}

// open replaces each encrypted leaf by a placeholder of its type.
func open(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, below := range value {
			value[name] = open(below)
		}
	case []any:
		for i, below := range value {
			value[i] = open(below)
		}
	case string:
		if match := sealed.FindStringSubmatch(value); match != nil {
			return typed(match[1])
		}
	}
	return value
}

func typed(kind string) any {
	switch kind {
	case "int":
		return int64(0)
	case "float":
		return 0.5
	case "bool":
		return false
	}
	return Placeholder
}

// fillSecret makes placeholders that the API server takes: base64 under data, an empty configuration where the type asks for one.
func fillSecret(data map[string]any) {
	for _, section := range []string{"data", "stringData"} {
		values, _ := data[section].(map[string]any)
		for name, value := range values {
			if value != Placeholder {
				continue
			}
			text := Placeholder
			switch name {
			case ".dockerconfigjson":
				text = `{"auths":{}}`
			case ".dockercfg":
				text = `{}`
			}
			if section == "data" {
				text = base64.StdEncoding.EncodeToString([]byte(text))
			}
			values[name] = text
		}
	}
}

// openFiles replaces files under a Secret's data that are encrypted as a whole.
func openFiles(data map[string]any) bool {
	found := false
	values, _ := data["data"].(map[string]any)
	for name, value := range values {
		text, _ := value.(string)
		body, err := base64.StdEncoding.DecodeString(text)
		if err == nil && isSealed(body) {
			values[name], found = base64.StdEncoding.EncodeToString(unsealed(name, body)), true
		}
	}
	return found
}

func isSealed(body []byte) bool {
	for _, mark := range marks {
		if bytes.Contains(body, mark) {
			return bytes.Contains(body, []byte("ENC[AES256_GCM,"))
		}
	}
	return false
}

// unseal replaces, in memory, the encrypted files that secret generators read, as Flux decrypts them before the build.
func (b *build) unseal(folder, file string, root types.Kustomization) {
	for _, generator := range root.SecretGenerator {
		for _, source := range sources(generator.KvPairSources) {
			clean, err := b.files.root.Clean(path.Join(folder, source))
			if err != nil || source == "" {
				continue
			}
			if body, err := b.files.ReadFile(clean); err == nil && isSealed(body) {
				b.files.replaced[clean] = unsealed(clean, body)
				b.sealed[file] = true
			}
		}
	}
}

// unsealed is what stands for a decrypted file: its own shape with placeholders, or a placeholder for a binary one.
func unsealed(name string, body []byte) []byte {
	var envelope struct {
		Data string `json:"data"`
		Sops any    `json:"sops"`
	}
	if json.Unmarshal(body, &envelope) == nil && envelope.Sops != nil && sealed.MatchString(envelope.Data) {
		return []byte(Placeholder)
	}
	var kept []string
	for line := range strings.Lines(string(body)) {
		if strings.HasPrefix(line, "sops:") || strings.HasPrefix(line, "[sops]") {
			break
		}
		if !strings.HasPrefix(line, "sops_") {
			kept = append(kept, inText.ReplaceAllString(line, Placeholder))
		}
	}
	return []byte(strings.Join(kept, ""))
}
