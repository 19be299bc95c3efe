package quick

import (
	"slices"
	"strings"
)

// entry is a key of a mapping, and where it and its value stand in the output.
type entry struct {
	key        string
	start, end int
}

// node reads the mapping or list that begins here.
func (r *reader) node() bool {
	if !r.enter() {
		return false
	}
	defer r.leave()
	if isItem(r.line) {
		return r.list(r.indent)
	}
	return r.mapping(r.indent)
}

func (r *reader) enter() bool {
	r.depth++
	return r.depth <= maxDepth
}

func (r *reader) leave() { r.depth-- }

func isItem(line string) bool { return line == "-" || strings.HasPrefix(line, "- ") }

func (r *reader) list(indent int) bool {
	r.out = append(r.out, '[')
	for first := true; r.indent == indent && isItem(r.line); first = false {
		if !first {
			r.out = append(r.out, ',')
		}
		if !r.item(indent) {
			return false
		}
	}
	r.out = append(r.out, ']')
	return r.indent <= indent
}

// item reads what follows a dash: a node that begins on the same line, or a value as a key has one.
func (r *reader) item(indent int) bool {
	rest := strings.TrimLeft(r.line[1:], " ")
	if _, _, isKey := cutKey(rest); isKey || isItem(rest) {
		r.indent, r.line = r.indent+len(r.line)-len(rest), rest
		return r.node()
	}
	return r.value(rest, indent, false)
}

func (r *reader) mapping(indent int) bool {
	first, start := len(r.entries), len(r.out)
	r.out = append(r.out, '{')
	for r.indent == indent {
		key, rest, isKey := cutKey(r.line)
		if !isKey || len(key) > maxKey {
			return false
		}
		at := len(r.out)
		r.out = append(appendString(r.out, key), ':')
		if !r.value(rest, indent, true) {
			return false
		}
		r.entries = append(r.entries, entry{key, at, len(r.out)})
		r.out = append(r.out, ',')
	}
	return r.indent < indent && r.close(first, start)
}

// value reads what follows a key or a dash that stands at an indentation. The items of a list may stand right below their key.
func (r *reader) value(rest string, indent int, ofKey bool) bool {
	if r.nodes++; r.nodes > maxNodes {
		return false
	}
	switch {
	case rest == "" || rest[0] == '#':
		r.advance()
		if r.indent > indent || ofKey && r.indent == indent && isItem(r.line) {
			return r.node()
		}
		r.out = append(r.out, "null"...)
		return true
	case rest[0] == '|':
		return r.literal(rest[1:], indent)
	case rest[0] == '"' || rest[0] == '\'':
		if !r.quoted(rest, indent) {
			return false
		}
	case rest[0] == '{' || rest[0] == '[':
		after, fine := r.flow(rest)
		if !fine || !onlyComment(after) {
			return false
		}
	default:
		text, _, noted := strings.Cut(rest, " #")
		if text = strings.TrimRight(text, " "); !noted && r.goesOn(indent) {
			if !r.folded(text, indent) {
				return false
			}
		} else if !r.plain(text) {
			return false
		}
	}
	r.advance()
	return r.indent <= indent // what is further in would go on with this value
}

// close ends a mapping: its entries, which begin at `first`, are brought into the order of their keys. The output ends with their last comma.
func (r *reader) close(first, start int) bool {
	entries := r.entries[first:]
	r.entries = r.entries[:first]
	byKey := func(a, b entry) int { return strings.Compare(a.key, b.key) }
	if !slices.IsSortedFunc(entries, byKey) {
		slices.SortFunc(entries, byKey)
		r.spare = r.spare[:0]
		for _, each := range entries {
			r.spare = append(append(r.spare, r.out[each.start:each.end]...), ',')
		}
		copy(r.out[start+1:], r.spare)
	}
	for i := 1; i < len(entries); i++ {
		if entries[i].key == entries[i-1].key {
			return false
		}
	}
	r.out[len(r.out)-1] = '}'
	return true
}
