package server

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"gitops-validate/engine/internal/validate/cause"
)

var (
	strict   = regexp.MustCompile(`(unknown|duplicate) field "((?:[^"\\]|\\.)*)"`)
	mistyped = regexp.MustCompile(`json: cannot unmarshal .* into Go (?:struct field [^.\s]+\.([^\s]+)|value) of type`)
	typed    = regexp.MustCompile(`^\s*\.?((?:[^:\s\[]|\[[^\]]*\])+): (.*)$`)
	named    = regexp.MustCompile(`^([a-z][A-Za-z0-9.\[\]]*): (Required|Invalid|Forbidden)`)
)

// mistypedReason is that of a value of another type than its field has.
const mistypedReason = string(metav1.CauseTypeTypeInvalid)

// Causes takes an error of the server apart: one cause for each field that it names. Nil means that the object is accepted.
func Causes(err error, object map[string]any) []cause.Cause {
	if err == nil {
		return nil
	}
	secret := object["kind"] == "Secret"
	show := func(message string) string { return message }
	if secret {
		show = func(message string) string { return quoted.ReplaceAllString(message, "got <hidden>") }
	}
	found := split(err, show)
	found = found[:min(len(found), mostCauses)]
	for i := range found {
		found[i].Pointer = cause.Pointer(found[i].Field, object)
		if secret {
			found[i] = ofSecret(found[i], object)
		}
		if len(found[i].Message) > longestMessage {
			found[i].Message = strings.ToValidUTF8(found[i].Message[:longestMessage], "") + "…"
		}
	}
	return found
}

func split(err error, show func(string) string) []cause.Cause {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return fromText("", show(err.Error()))
	}
	details := status.Status().Details
	if details != nil && len(details.Causes) > 0 {
		var found []cause.Cause
		for _, each := range details.Causes {
			found = append(found, cause.Cause{Field: each.Field, Reason: string(each.Type), Message: each.Message})
		}
		return found
	}
	return fromText(status.Status().Reason, show(status.Status().Message))
}

// fromText reads the fields out of messages that have them only in words: of the strict decoder, of encoding/json, of structured merge.
func fromText(reason metav1.StatusReason, message string) []cause.Cause {
	var found []cause.Cause
	for _, match := range strict.FindAllStringSubmatch(message, -1) {
		found = append(found, cause.Cause{Field: match[2], Reason: "FieldValue" + strings.ToUpper(match[1][:1]) + match[1][1:], Message: match[0]})
	}
	if found != nil {
		return found
	}
	if match := mistyped.FindStringSubmatch(message); match != nil {
		return []cause.Cause{{Field: match[1], Reason: mistypedReason, Message: message}}
	}
	if before, after, is := strings.Cut(message, "typed patch object "); is || strings.Contains(before, "failed to convert") {
		return fromTyped(message, after)
	}
	if match := named.FindStringSubmatch(message); match != nil {
		return []cause.Cause{{Field: match[1], Reason: "FieldValue" + match[2], Message: message}}
	}
	return []cause.Cause{{Reason: string(reason), Message: message}}
}

// fromTyped reads `(ns/name; apps/v1, Kind=Deployment): .spec.x: field not declared in schema`, or `errors:` and such lines.
func fromTyped(message, after string) []cause.Cause {
	_, after, _ = strings.Cut(after, "): ")
	var found []cause.Cause
	for _, line := range strings.Split(strings.TrimPrefix(after, "errors:"), "\n") {
		if match := typed.FindStringSubmatch(line); match != nil {
			found = append(found, cause.Cause{Field: match[1], Reason: "FieldValueInvalid", Message: match[2]})
		}
	}
	if found == nil {
		return []cause.Cause{{Reason: "BadRequest", Message: message}}
	}
	return found
}

// ofSecret hides values, and finds a key that the server moved from stringData to data before it looked at it.
func ofSecret(found cause.Cause, object map[string]any) cause.Cause {
	found.Message = withoutValues(found.Message, object)
	if key, is := strings.CutPrefix(found.Field, "data["); is && !strings.HasPrefix(found.Pointer, "/data/") && object["stringData"] != nil {
		found.Pointer = cause.Pointer("stringData["+key, object)
	}
	return found
}

// quoted is how structured merge shows a value that does not fit; it may go over several lines.
var quoted = regexp.MustCompile(`(?s)got &.*`)

// withoutValues takes the values of a Secret out of a message that quotes them, as they are, escaped or decoded.
func withoutValues(message string, object map[string]any) string {
	for _, section := range []string{"data", "stringData"} {
		values, _ := object[section].(map[string]any)
		for _, value := range values {
			text := fmt.Sprint(value)
			decoded, _ := base64.StdEncoding.DecodeString(text)
			for _, shown := range []string{text, string(decoded)} {
				if len(shown) > 2 {
					message = strings.NewReplacer(shown, "<hidden>", strings.Trim(strconv.Quote(shown), `"`), "<hidden>").Replace(message)
				}
			}
		}
	}
	return message
}
