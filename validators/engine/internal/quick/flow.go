package quick

import "strings"

// flow reads a list, a mapping or a quoted string that ends on its line, and returns what follows it.
func (r *reader) flow(text string) (rest string, fine bool) {
	if r.nodes++; r.nodes > maxNodes || !r.enter() {
		return "", false
	}
	defer r.leave()
	switch text[0] {
	case '[':
		return r.flowList(text[1:])
	case '{':
		return r.flowMapping(text[1:])
	case '"', '\'':
		value, rest, fine := unquote(text)
		r.out = appendString(r.out, value)
		return rest, fine
	}
	word := word(text)
	return text[len(word):], word != "" && r.plain(word)
}

func (r *reader) flowList(text string) (rest string, fine bool) {
	r.out = append(r.out, '[')
	for first := true; ; first = false {
		text = strings.TrimLeft(text, " ")
		if first && strings.HasPrefix(text, "]") {
			r.out = append(r.out, ']')
			return text[1:], true
		}
		if text == "" {
			return "", false
		}
		if text, fine = r.flow(text); !fine {
			return "", false
		}
		if text = strings.TrimLeft(text, " "); text == "" || text[0] != ',' && text[0] != ']' {
			return "", false
		}
		r.out = append(r.out, text[0])
		if text[0] == ']' {
			return text[1:], true
		}
		text = text[1:]
	}
}

func (r *reader) flowMapping(text string) (rest string, fine bool) {
	first, start := len(r.entries), len(r.out)
	r.out = append(r.out, '{')
	for {
		text = strings.TrimLeft(text, " ")
		if len(r.out) == start+1 && strings.HasPrefix(text, "}") {
			r.out = append(r.out, '}')
			return text[1:], true
		}
		key, after, isKey := cutKey(text)
		if !isKey || after == "" || len(key) > maxKey {
			return "", false
		}
		at := len(r.out)
		r.out = append(appendString(r.out, key), ':')
		if text, fine = r.flow(after); !fine {
			return "", false
		}
		r.entries = append(r.entries, entry{key, at, len(r.out)})
		r.out = append(r.out, ',')
		if text = strings.TrimLeft(text, " "); text == "" || text[0] != ',' && text[0] != '}' {
			return "", false
		}
		if text[0] == '}' {
			return text[1:], r.close(first, start)
		}
		text = text[1:]
	}
}
