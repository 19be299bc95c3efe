package helm

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/fault"
)

// longestMessage bounds what one failure says; templates may fail with any text.
const longestMessage = 4000

// conceal remembers what a Secret holds: each value, and each text inside a value that is YAML.
func (r *rendering) conceal(secret *corev1.Secret) {
	for _, content := range secret.Data {
		r.concealText(string(content))
		var values any
		if yaml.Unmarshal(content, &values) == nil {
			r.concealLeaves(values)
		}
	}
}

func (r *rendering) concealLeaves(value any) {
	switch value := value.(type) {
	case map[string]any:
		for _, child := range value {
			r.concealLeaves(child)
		}
	case []any:
		for _, child := range value {
			r.concealLeaves(child)
		}
	case string:
		r.concealText(value)
	case float64:
		r.concealText(strconv.FormatFloat(value, 'f', -1, 64))
	}
}

// concealText remembers a text as it may occur in a message: whole, its lines, quoted, and in base64.
func (r *rendering) concealText(text string) {
	for _, form := range append(strings.Split(text, "\n"), text) {
		if form = strings.TrimSpace(form); len(form) > 3 {
			quoted := strings.Trim(strconv.Quote(form), `"`)
			r.secrets = append(r.secrets, form, quoted, base64.StdEncoding.EncodeToString([]byte(form)))
		}
	}
}

// hide takes the secrets out of everything that is said, and keeps it short.
func (r *rendering) hide(answer *result) {
	slices.SortFunc(r.secrets, func(a, b string) int { return len(b) - len(a) }) // a secret may be part of another
	if answer.Failure != nil {
		r.hideFrom(answer.Failure)
	}
	for i := range answer.Problems {
		r.hideFrom(&answer.Problems[i])
	}
}

func (r *rendering) hideFrom(failure *fault.Failure) {
	for _, secret := range r.secrets {
		failure.Message = strings.ReplaceAll(failure.Message, secret, "<hidden>")
	}
	if text := failure.Message; len(text) > longestMessage { // the start says where, the end says what
		text = text[:longestMessage/4] + " … " + text[len(text)-3*longestMessage/4:]
		failure.Message = strings.ToValidUTF8(text, "")
	}
}
