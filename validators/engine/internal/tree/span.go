package tree

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Rows splits a text into its lines, as nodes count them.
func Rows(text string) []string {
	return strings.Split(text, "\n")
}

// Span is where a node stands in its first line. Anchors and tags before a value are not part of it.
func Span(node *yaml.Node, rows []string) Place {
	place := Place{Line: max(1, node.Line), Column: max(1, node.Column), End: max(1, node.Column), Exact: true}
	if place.Line > len(rows) {
		return place
	}
	rest := skip(rows[place.Line-1], place.Column-1)
	if node.Kind != yaml.AliasNode {
		bare := withoutProperties(rest)
		place.Column += utf8.RuneCountInString(rest) - utf8.RuneCountInString(bare)
		rest = bare
	}
	place.End = place.Column + utf8.RuneCountInString(firstToken(node, rest))
	return place
}

func skip(row string, characters int) string {
	for range characters {
		_, size := utf8.DecodeRuneInString(row)
		row = row[size:]
	}
	return row
}

// withoutProperties takes `&anchor` and `!tag` off the start of a value, unless nothing follows in that line.
func withoutProperties(text string) string {
	for rest := text; rest != "" && (rest[0] == '&' || rest[0] == '!'); {
		_, after, more := strings.Cut(rest, " ")
		if rest = strings.TrimLeft(after, " \t"); !more || rest == "" || rest[0] == '#' {
			break
		}
		text = rest
	}
	return text
}

// firstToken is the part of a line that belongs to a node which starts there.
func firstToken(node *yaml.Node, text string) string {
	line := strings.TrimRight(text, " \t\r")
	if node.Kind == yaml.AliasNode {
		return line[:min(len(line), len(node.Value)+1)]
	}
	if comment := strings.Index(line, " #"); comment >= 0 && node.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0 {
		line = strings.TrimRight(line[:comment], " \t")
	}
	if node.Kind != yaml.ScalarNode {
		return line
	}
	switch {
	case node.Style&yaml.DoubleQuotedStyle != 0:
		return quoted(line, '"')
	case node.Style&yaml.SingleQuotedStyle != 0:
		return quoted(line, '\'')
	case strings.HasPrefix(line, node.Value):
		return node.Value
	}
	return line
}

// quoted cuts a line after the quote that closes the one at its start.
func quoted(line string, quote byte) string {
	for i := 1; i < len(line); i++ {
		switch {
		case quote == '"' && line[i] == '\\':
			i++
		case line[i] != quote:
		case quote == '\'' && i+1 < len(line) && line[i+1] == quote:
			i++
		default:
			return line[:i+1]
		}
	}
	return line
}
