// Package quick turns the YAML that nearly all manifests consist of into JSON, many times as fast as sigs.k8s.io/yaml does.
//
// It decides nothing: a text whose meaning is not beyond doubt it leaves to that library, and of any other it gives the very bytes that the library
// would give, which the tests hold it to. What it knows are mappings and lists in block style or on one line (block.go, flow.go), literal block
// scalars (literal.go), strings that go on over several lines (folded.go), decimal integers, booleans and null (scalar.go), and comments.
package quick

import "strings"

// Bounds beyond which a text is left to the library and to the limits around it.
const (
	maxDepth = 50
	maxNodes = 50_000
	maxKey   = 256
)

// end is the indentation of what stands behind the last line.
const end = -1

// reader goes over the lines that are neither blank nor comments. Its methods return false as soon as the text is none for this package.
type reader struct {
	text    string
	next    int    // where the line behind the current one begins
	line    string // what is left of the current line, without blanks around it
	indent  int    // the column at which that begins
	out     []byte
	spare   []byte  // what entries are sorted in
	folding []byte  // what the lines of a string are joined in
	entries []entry // of all mappings that are open
	nodes   int
	depth   int
}

// JSON converts one document as sigs.k8s.io/yaml's YAMLToJSONStrict does. It reports false for what it leaves to that.
func JSON(text string) ([]byte, bool) {
	if !printable(text) {
		return nil, false
	}
	r := reader{text: text, out: make([]byte, 0, len(text))}
	r.advance()
	if r.indent == end || !r.node() || r.indent != end {
		return nil, false
	}
	return r.out, true
}

// printable reports whether a text has no other white space than blanks and newlines, and nothing that YAML or JSON would treat in its own way.
func printable(text string) bool {
	for _, c := range text {
		switch {
		case ' ' <= c && c <= '~', c == '\n':
		case c < 0xA0, c == 0x2028, c == 0x2029, c == 0xFEFF, 0xFFFD <= c && c <= 0xFFFF:
			return false
		}
	}
	return true
}

// advance goes to the next line with content.
func (r *reader) advance() {
	for r.next < len(r.text) {
		row := r.row()
		r.next = min(r.next+len(row)+1, len(r.text))
		if content := strings.TrimLeft(row, " "); content != "" && content[0] != '#' {
			r.indent, r.line = len(row)-len(content), strings.TrimRight(content, " ")
			return
		}
	}
	r.indent, r.line = end, ""
}

// row is the next line as it stands.
func (r *reader) row() string {
	rest := r.text[r.next:]
	if at := strings.IndexByte(rest, '\n'); at >= 0 {
		return rest[:at]
	}
	return rest
}

// onlyComment reports whether nothing but a comment follows a value on its line.
func onlyComment(rest string) bool {
	content := strings.TrimLeft(rest, " ")
	return content == "" || content[0] == '#' && len(content) < len(rest)
}
