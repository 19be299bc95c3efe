package pipeline

import (
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"gitops-validate/engine/internal/tree"
)

const (
	opening  = "$[["              // what GitLab puts in for an input begins so
	anything = "$[[ reference ]]" // stands for what GitLab puts in for a reference
)

// Fault is one thing that GitLab refuses. `known` are the keys that there are where one is unknown, `wanted` the types or values that there may be.
type Fault struct {
	Document int      `json:"document"`
	Pointer  string   `json:"pointer"`
	Keyword  string   `json:"keyword"`
	Message  string   `json:"message"`
	Got      string   `json:"got"`
	Known    []string `json:"known"`
	Wanted   []string `json:"wanted"`
}

// judgement is what is made of the errors of one document.
type judgement struct {
	*schema
	document int
	value    any
}

// certain are the faults below an error, whatever GitLab puts in; none if all may be well.
func (j *judgement) certain(found *jsonschema.ValidationError) []Fault {
	switch what := found.ErrorKind.(type) {
	case *kind.AnyOf:
		return j.meant(found)
	case *kind.OneOf:
		if len(what.Subschemas) == 0 {
			return j.meant(found)
		}
	case *kind.AdditionalProperties:
		return j.unknown(found, what.Properties)
	case *kind.Not:
	default:
		if len(found.Causes) > 0 {
			return j.each(found.Causes)
		}
	}
	if j.isOpen(found.InstanceLocation) || isNested(found) {
		return nil
	}
	return []Fault{j.fault(found)}
}

func (j *judgement) each(causes []*jsonschema.ValidationError) (all []Fault) {
	for _, cause := range causes {
		all = append(all, j.certain(cause)...)
	}
	return all
}

// meant are the faults of the alternative that was meant: the one for a value of this type that lacks least. If there is none for this type, the value
// is of the wrong one.
func (j *judgement) meant(found *jsonschema.ValidationError) []Fault {
	var best, wrong []Fault
	for _, cause := range found.Causes {
		faults := j.certain(cause)
		if len(faults) == 0 {
			return nil
		}
		if here := tree.Pointer(found.InstanceLocation); len(faults) == 1 && faults[0].Keyword == "type" && faults[0].Pointer == here {
			wrong = append(wrong, faults[0])
		} else if best == nil || len(faults) < len(best) {
			best = faults
		}
	}
	if best != nil || len(wrong) == 0 {
		return best
	}
	for _, other := range wrong[1:] {
		wrong[0].Wanted = append(wrong[0].Wanted, other.Wanted...)
	}
	slices.Sort(wrong[0].Wanted)
	wrong[0].Wanted = slices.Compact(wrong[0].Wanted)
	return wrong[:1]
}

// unknown has each key that there is not, but for those that an input becomes.
func (j *judgement) unknown(found *jsonschema.ValidationError, keys []string) (all []Fault) {
	for _, key := range keys {
		if !strings.Contains(key, opening) {
			pointer := tree.Pointer(append(slices.Clone(found.InstanceLocation), key))
			all = append(all, Fault{Document: j.document, Pointer: pointer, Keyword: "unknown", Known: j.known(found.SchemaURL)})
		}
	}
	return all
}

// fault is an error that has no others below it. Its message quotes no value.
func (j *judgement) fault(found *jsonschema.ValidationError) Fault {
	said := Fault{Document: j.document, Pointer: tree.Pointer(found.InstanceLocation), Keyword: strings.Join(found.ErrorKind.KeywordPath(), ".")}
	switch what := found.ErrorKind.(type) {
	case *kind.Type:
		said.Got, said.Wanted = what.Got, what.Want
		if len(found.InstanceLocation) == 1 {
			said.Known = j.known("#") // what is no job may be meant to be a keyword
		}
	case *kind.Enum:
		for _, each := range what.Want {
			if text, is := each.(string); is {
				said.Wanted = append(said.Wanted, text)
			}
		}
		said.Got, _ = what.Got.(string)
	case *kind.Required:
		said.Wanted = what.Missing
	case *kind.Pattern:
		said.Wanted = []string{what.Want}
	case *kind.Format:
		said.Wanted = []string{what.Want}
	default:
		said.Message = found.ErrorKind.LocalizedString(message.NewPrinter(language.English))
	}
	return said
}

// isOpen reports whether GitLab puts something in where a fault would be: the value itself, or a key of it.
func (j *judgement) isOpen(location []string) bool {
	value := j.value
	for _, step := range location {
		switch here := value.(type) {
		case map[string]any:
			value = here[step]
		case []any:
			i, _ := strconv.Atoi(step)
			value = here[i]
		}
	}
	switch here := value.(type) {
	case string:
		return strings.Contains(here, opening)
	case map[string]any:
		for key := range here {
			if strings.Contains(key, opening) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(here, func(each any) bool { return each == anything })
	}
	return false
}

// isNested reports a list of lists where commands stand: GitLab flattens ten levels of them, of which the schema knows two.
func isNested(found *jsonschema.ValidationError) bool {
	what, is := found.ErrorKind.(*kind.Type)
	at := slices.IndexFunc(found.InstanceLocation, func(step string) bool { return strings.HasSuffix(step, "script") })
	return is && what.Got == "array" && at >= 0 && len(found.InstanceLocation)-at > 2
}
