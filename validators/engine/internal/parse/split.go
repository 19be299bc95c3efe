package parse

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"gitops-validate/engine/internal/fault"
)

// chunk is the text of one document; line is the number of its first line in the file, from 1.
type chunk struct {
	index int
	line  int
	text  string
}

// Decode turns a file into UTF-8 without a byte order mark.
func Decode(body []byte) (string, *fault.Problem) {
	switch {
	case bytes.HasPrefix(body, []byte{0xEF, 0xBB, 0xBF}):
		body = body[3:]
	case bytes.HasPrefix(body, []byte{0xFF, 0xFE}):
		return fromUTF16(body[2:], binary.LittleEndian), nil
	case bytes.HasPrefix(body, []byte{0xFE, 0xFF}):
		return fromUTF16(body[2:], binary.BigEndian), nil
	}
	if utf8.Valid(body) {
		return string(body), nil
	}
	bad := 0
	for rest := body; ; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size <= 1 {
			break
		}
		rest, bad = rest[size:], bad+size
	}
	line, column := Position(string(body[:bad]))
	return "", &fault.Problem{Reason: "encoding", Message: "the file is not UTF-8 from here on", Line: line, Column: column}
}

func fromUTF16(body []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(body)/2)
	for i := range units {
		units[i] = order.Uint16(body[2*i:])
	}
	return string(utf16.Decode(units))
}

// Position counts the lines and columns (in characters, from 1) that a text ends at.
func Position(before string) (line, column int) {
	last := strings.LastIndexByte(before, '\n')
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[last+1:]) + 1
}

// split cuts a stream where a line starts with "---" or "...": nothing in YAML, not even a block scalar, may hold such a line. The marker
// itself becomes blanks, so that columns stay. Text before the first marker that holds no content is not a document.
func split(text string) []chunk {
	var chunks []chunk
	start, startLine, opened := 0, 1, false
	flush := func(end int) {
		if part := text[start:end]; opened || hasContent(part) {
			chunks = append(chunks, chunk{index: len(chunks), line: startLine, text: blankMarker(part)})
		}
	}
	line, offset := 0, 0
	for row := range strings.Lines(text) {
		line++
		if isMarker(row) {
			flush(offset)
			start, startLine, opened = offset, line, row[0] == '-'
			if !opened {
				start, startLine = offset+len(row), line+1
			}
		}
		offset += len(row)
	}
	flush(len(text))
	return chunks
}

func blankMarker(text string) string {
	if isMarker(text) {
		return "   " + text[3:]
	}
	return text
}

func isMarker(row string) bool {
	if !strings.HasPrefix(row, "---") && !strings.HasPrefix(row, "...") {
		return false
	}
	return len(row) == 3 || strings.ContainsRune(" \t\r\n", rune(row[3]))
}

// hasContent reports whether a text is more than blanks, comments and directives.
func hasContent(text string) bool {
	for row := range strings.Lines(text) {
		row = strings.TrimSpace(row)
		if row != "" && row[0] != '#' && row[0] != '%' {
			return true
		}
	}
	return false
}
