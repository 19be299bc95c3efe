package quick

import "strings"

// goesOn reports whether the next line belongs to the unquoted value of a key or a dash at an indentation.
func (r *reader) goesOn(indent int) bool {
	if r.next >= len(r.text) {
		return false
	}
	row := r.row()
	content := strings.TrimLeft(row, " ")
	return content != "" && content[0] != '#' && len(row)-len(content) > indent
}

// folded reads the further lines of an unquoted string, which a blank joins. What may be a key or a comment in them needs a second look, and what
// follows behind a blank line or a comment does not belong to it, or is none.
func (r *reader) folded(first string, indent int) bool {
	if !isString(first) || isKeyed(first) {
		return false
	}
	r.folding = append(r.folding[:0], first...)
	for r.goesOn(indent) {
		content := r.take()
		if isKeyed(content) || strings.Contains(content, " #") {
			return false
		}
		r.folding = append(append(r.folding, ' '), content...)
	}
	r.out = appendString(r.out, string(r.folding))
	return true
}

// isKeyed reports whether an unquoted text may have a key in it.
func isKeyed(text string) bool { return strings.Contains(text, ": ") || strings.HasSuffix(text, ":") }

// quoted reads a text in quotes up to its end, on whatever line that is, and what follows it, which can only be a comment. A blank joins the lines,
// unless a backslash ends one in double quotes.
func (r *reader) quoted(text string, indent int) bool {
	if r.nodes++; r.nodes > maxNodes || !r.enter() {
		return false
	}
	defer r.leave()
	quote, line := text[0], text[1:]
	r.folding = r.folding[:0]
	for {
		rest, ends, fine := r.unfold(quote, line)
		if !fine {
			return false
		}
		if ends {
			r.out = appendString(r.out, string(r.folding))
			return onlyComment(rest)
		}
		if r.next >= len(r.text) {
			return false
		}
		row := r.row()
		line = strings.TrimLeft(row, " ")
		if line == "" || len(row)-len(line) <= indent {
			return false
		}
		r.next = min(r.next+len(row)+1, len(r.text))
	}
}

// unfold reads one line of a text in quotes, and what follows the quote that ends it. Blanks before a line break do not count.
func (r *reader) unfold(quote byte, line string) (rest string, ends, fine bool) {
	trimmed := strings.TrimRight(line, " ")
	for i := 0; i < len(trimmed); i++ {
		c := trimmed[i]
		switch {
		case c == quote && quote == '\'' && strings.HasPrefix(trimmed[i+1:], "'"):
			i++
		case c == quote:
			return trimmed[i+1:], true, true
		case c == '\\' && quote == '"':
			if i++; i == len(trimmed) {
				return "", false, r.text[r.next-2] == '\\' // and no blank behind it, which it would be about
			}
			at := strings.IndexByte(escaped, trimmed[i])
			if at < 0 {
				return "", false, false
			}
			c = meant[at]
		}
		r.folding = append(r.folding, c)
	}
	r.folding = append(r.folding, ' ')
	return "", false, true
}

// take goes past the next line, and returns it without the blanks around it.
func (r *reader) take() string {
	row := r.row()
	r.next = min(r.next+len(row)+1, len(r.text))
	return strings.Trim(row, " ")
}
