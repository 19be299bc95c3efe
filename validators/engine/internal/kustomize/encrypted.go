package kustomize

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/getsops/sops/v3/cmd/sops/formats"
)

// Placeholder stands for an encrypted value; it is a text that no check takes for a secret.
const Placeholder = "encrypted"

var sealed = regexp.MustCompile(`^ENC\[AES256_GCM,data:.*,type:([a-z]+)\]`)

// openObject does to an object what kustomize-controller's decryptor does: an object counts as encrypted by a MAC that is not empty, a Secret also by
// a whole encrypted file in its data. It reports whether anything was encrypted, and whether placeholders stand in for it.
func (b *build) openObject(data map[string]any, file string) (found, sealed bool, err error) {
	if disabled(data, "decrypt") {
		return false, false, nil
	}
	metadata, _ := data["sops"].(map[string]any)
	switch {
	case metadata != nil && metadata["mac"] != nil && metadata["mac"] != "":
		sealed, err = b.openWhole(data, file)
		return true, sealed, err
	case data["kind"] == "Secret":
		return b.openFiles(data, file)
	}
	return false, false, nil
}

func (b *build) openWhole(data map[string]any, file string) (sealed bool, err error) {
	if opened, err := b.decryptObject(data, file); opened || err != nil {
		return false, err
	}
	delete(data, "sops")
	for name, value := range data {
		data[name] = open(value)
	}
	if data["kind"] == "Secret" {
		fillSecret(data)
	}
	return true, nil
}

// sealedIdentity names the field by which Flux knows an object, if that is encrypted.
func sealedIdentity(data map[string]any) string {
	metadata, _ := data["metadata"].(map[string]any)
	fields := []struct {
		name  string
		value any
	}{{"apiVersion", data["apiVersion"]}, {"kind", data["kind"]}, {"metadata.name", metadata["name"]}, {"metadata.namespace", metadata["namespace"]}}
	for _, field := range fields {
		if text, is := field.value.(string); is && sealed.MatchString(text) {
			return field.name
		}
	}
	return ""
}

// disabled reports whether an annotation of an object turns off a step of kustomize-controller.
func disabled(data map[string]any, step string) bool {
	metadata, _ := data["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	value, _ := annotations[ownerGroup+"/"+step].(string)
	return strings.EqualFold(value, "disabled")
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
		return 0
	case "float":
		return 0.5
	case "bool":
		return false
	case "time":
		return "2000-01-01T00:00:00Z"
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
func (b *build) openFiles(data map[string]any, file string) (found, sealed bool, err error) {
	values, _ := data["data"].(map[string]any)
	for name, value := range values {
		text, _ := value.(string)
		body, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			continue // the API server says that it is no base64
		}
		for _, format := range []formats.Format{formats.Json, formats.Dotenv, formats.Ini, formats.Yaml} {
			if !isSealed(body, format) {
				continue
			}
			plain, filled, err := b.unseal(file, body, format, formatOf(name))
			if err != nil {
				return true, false, err
			}
			values[name], found, sealed = base64.StdEncoding.EncodeToString(plain), true, sealed || filled
			break
		}
	}
	return found, sealed, nil
}

// isFilled reports whether an object holds what a file with placeholders gave it.
func isFilled(data map[string]any) bool {
	body, err := json.Marshal(data)
	if err != nil || strings.Contains(string(body), Placeholder) {
		return err == nil
	}
	values, _ := data["data"].(map[string]any)
	for _, value := range values {
		text, _ := value.(string)
		if plain, err := base64.StdEncoding.DecodeString(text); err == nil && strings.Contains(string(plain), Placeholder) {
			return true
		}
	}
	return false
}
