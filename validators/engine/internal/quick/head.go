package quick

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Head is what Kubernetes knows an object by. What is not a string counts as missing.
type Head struct{ APIVersion, Kind, Namespace, Name string }

// ReadHead finds the head of an object, given as compact and valid JSON, without reading the rest. It reports false where decoders would not agree
// or would have to be asked: names or texts that are escaped, that stand twice, or that differ from those of a head only in case.
func ReadHead(body []byte) (head Head, plain bool) {
	var metadata []byte
	texts := map[string]*string{"apiVersion": &head.APIVersion, "kind": &head.Kind}
	if !members(body, texts, &metadata) {
		return Head{}, false
	}
	if len(metadata) > 0 && metadata[0] == '{' && !members(metadata, map[string]*string{"namespace": &head.Namespace, "name": &head.Name}, nil) {
		return Head{}, false
	}
	return head, true
}

// members notes texts of an object by their names, and its metadata where that is asked for.
func members(body []byte, texts map[string]*string, metadata *[]byte) bool {
	if len(body) < 2 || body[0] != '{' {
		return false
	}
	for rest := body[1:]; rest[0] != '}'; {
		name, value, after, fine := member(rest)
		if !fine {
			return false
		}
		switch into := texts[name]; {
		case into != nil:
			delete(texts, name) // a second one is strange
			if *into, fine = text(value); !fine {
				return false
			}
		case metadata != nil && *metadata == nil && name == "metadata":
			*metadata = value
		case strange(name):
			return false
		}
		rest = after
	}
	return true
}

// member cuts one member and the comma behind it off what is left of an object.
func member(rest []byte) (name string, value, after []byte, fine bool) {
	before, after, _ := bytes.Cut(rest[1:], []byte(`":`))
	end := valueEnd(after)
	if rest[0] != '"' || bytes.ContainsAny(before, "\"\\") || end == 0 || end == len(after) {
		return "", nil, nil, false
	}
	value, after = after[:end], after[end:]
	if value[0] <= ' ' || value[end-1] <= ' ' {
		return "", nil, nil, false // not compact
	}
	if after[0] == ',' && len(after) > 1 {
		return string(before), value, after[1:], true
	}
	return string(before), value, after, after[0] == '}'
}

// valueEnd is where the value ends that a text begins with.
func valueEnd(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return i
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return len(text)
}

// text is a string, empty if the value is another one.
func text(value []byte) (string, bool) {
	if value[0] != '"' {
		return "", true
	}
	return string(value[1 : len(value)-1]), utf8.Valid(value) && bytes.IndexByte(value, '\\') < 0
}

var separators = strings.NewReplacer("-", "", "_", "")

// strange reports whether a name could pass for one of a head.
func strange(name string) bool {
	name = separators.Replace(name)
	for _, known := range []string{"apiVersion", "kind", "metadata", "namespace", "name"} {
		if strings.EqualFold(name, known) {
			return true
		}
	}
	return false
}
