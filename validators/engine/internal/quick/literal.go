package quick

import "strings"

// literal reads the lines of a block scalar that stands below a key or a dash at an indentation. Its first line has content, and says how far the
// others are indented, unless a digit does; the last newline belongs to it unless there is a minus. Blank lines behind it do not.
func (r *reader) literal(header string, indent int) bool {
	first := strings.TrimLeft(r.row(), " ")
	width := len(r.row()) - len(first)
	digit, clip := strings.TrimSuffix(header, "-"), !strings.HasSuffix(header, "-")
	if len(digit) == 1 && '1' <= digit[0] && digit[0] <= '9' && width >= indent+int(digit[0]-'0') {
		width = indent + int(digit[0]-'0')
	} else if digit != "" {
		return false
	}
	if first == "" || width <= indent {
		return false
	}
	var text []byte
	for blank := 0; r.next < len(r.text); {
		row := r.row()
		content := strings.TrimLeft(row, " ")
		if content == "" && len(row) > width || r.next+len(row) == len(r.text) {
			return false // blanks that count, or no newline at the end of the file
		}
		if content != "" && len(row)-len(content) < width {
			break
		}
		r.next += len(row) + 1
		if content == "" {
			blank++
			continue
		}
		for ; blank > 0; blank-- {
			text = append(text, '\n')
		}
		text = append(append(text, row[width:]...), '\n')
	}
	if !clip {
		text = text[:len(text)-1]
	}
	r.out = appendString(r.out, string(text))
	r.advance()
	return r.indent <= indent
}
