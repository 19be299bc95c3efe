package custom

import (
	"regexp"
	"strings"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/validate/server"
)

// nowhere is how the server writes the path of an error that it attributes to no field.
const nowhere = "<nil>"

var (
	inWords    = regexp.MustCompile(`"([^"\s]+)" must (?:not )?validate|^Invalid value: .* in (\S+)$`)
	inMetadata = regexp.MustCompile(`json: cannot unmarshal \S+ into Go (?:struct field ObjectMeta\.|value of type v1\.ObjectMeta)`)
	embedded   = regexp.MustCompile(`cannot be handled as an? \S+: ([^:\s]+): Invalid value: `)
)

// causesOf takes a refusal apart. Where the server names no field, or only the end of one, its message still says which it is.
func causesOf(refused error, values map[string]any) []cause.Cause {
	found := server.Causes(refused, values)
	for i := range found {
		if field := whole(found[i]); field != found[i].Field {
			found[i].Field, found[i].Pointer = field, cause.Pointer(field, values)
		}
	}
	return found
}

// whole is the path of a cause, from the top of the object.
func whole(found cause.Cause) string {
	if found.Field == nowhere {
		if match := inWords.FindStringSubmatch(found.Message); match != nil {
			return match[1] + match[2]
		}
		return ""
	}
	if match := embedded.FindStringSubmatch(found.Message); match != nil {
		return strings.TrimSuffix(match[1]+"."+found.Field, ".")
	}
	if inMetadata.MatchString(found.Message) {
		return strings.TrimSuffix("metadata."+found.Field, ".")
	}
	return strings.TrimPrefix(found.Field, ".")
}
