package quick

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// Head is what Kubernetes knows an object by. What is not a string counts as missing.
type Head struct{ APIVersion, Kind, Namespace, Name string }

// ReadHead finds the head of an object, given as compact and valid JSON, without reading the rest. It reports false where decoders would not agree
// or would have to be asked: names or texts that are escaped, that stand twice, or that differ from those of a head only in case.
func ReadHead(body []byte) (head Head, plain bool) {
	top, plain := members(body, "apiVersion", "kind", "metadata")
	if !plain {
		return Head{}, false
	}
	var names [3][]byte
	if metadata := top[2]; len(metadata) > 0 && metadata[0] == '{' {
		names, plain = members(metadata, "namespace", "name", "")
	}
	for i, into := range []*string{&head.APIVersion, &head.Kind, &head.Namespace, &head.Name} {
		value := [][]byte{top[0], top[1], names[0], names[1]}[i]
		if len(value) == 0 || value[0] != '"' {
			continue
		}
		plain = plain && utf8.Valid(value) && bytes.IndexByte(value, '\\') < 0
		*into = string(value[1 : len(value)-1])
	}
	return head, plain
}

// members finds three members of an object by their names.
func members(body []byte, names ...string) (values [3][]byte, fine bool) {
	if len(body) < 2 || body[0] != '{' {
		return values, false
	}
	for rest := body[1:]; rest[0] != '}'; {
		name, value, after, fine := member(rest)
		if !fine {
			return values, false
		}
		switch at := slices.Index(names, string(name)); {
		case at >= 0 && values[at] == nil:
			values[at] = value
		case strange(name):
			return values, false
		}
		rest = after
	}
	return values, true
}

// member cuts one member and the comma behind it off what is left of an object.
func member(rest []byte) (name, value, after []byte, fine bool) {
	name, after, _ = bytes.Cut(rest[1:], []byte(`":`))
	end := valueEnd(after)
	if rest[0] != '"' || bytes.ContainsAny(name, "\"\\") || end == 0 || end == len(after) {
		return nil, nil, nil, false
	}
	value, after = after[:end], after[end:]
	if value[0] <= ' ' || value[end-1] <= ' ' {
		return nil, nil, nil, false // not compact
	}
	if after[0] == ',' && len(after) > 1 {
		return name, value, after[1:], true
	}
	return name, value, after, after[0] == '}'
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

// strange reports whether a name could pass for one of a head.
func strange(name []byte) bool {
	for _, known := range []string{"apiVersion", "kind", "metadata", "namespace", "name"} {
		if strings.EqualFold(string(name), known) {
			return true
		}
	}
	return false
}
