package parse

import (
	"math"
	"regexp"
	"sort"
	"strconv"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/quick"
	"gitops-validate/engine/internal/tree"
)

// addYAML converts one document: where its text is plain, without the library, and else with it alone, in its strict form. Only a document that
// fails this, or that has what may be an anchor, an alias or a tag, is looked at node by node.
func (f *File) addYAML(c chunk) {
	if !hasContent(c.text) {
		return
	}
	if body, plain := quick.JSON(c.text); plain {
		f.add(c, body)
		return
	}
	if !strings.ContainsAny(c.text, "&*!") {
		if body, err := yaml.YAMLToJSONStrict([]byte(c.text)); err == nil && !TooDeep(body) {
			f.add(c, body)
			return
		}
	}
	f.addCarefully(c)
}

func (f *File) addCarefully(c chunk) {
	root, err := tree.Read(c.text)
	if err != nil {
		f.problem(c, Syntax(err, c.text))
		return
	}
	if root == nil {
		return
	}
	found := tree.Inspect(root)
	for _, problem := range found.Problems {
		f.problem(c, problem)
	}
	if found.Fatal() {
		return
	}
	body, err := yaml.YAMLToJSON([]byte(c.text))
	if err != nil {
		problem := Syntax(err, c.text)
		if node := unfit(root); node != nil {
			problem.Line, problem.Column = node.Line, node.Column
		}
		f.problem(c, problem)
		return
	}
	if len(found.Tags) > 0 && isObject(body) {
		f.problem(c, found.Tags[0])
		return
	}
	f.add(c, body)
}

func (f *File) problem(c chunk, problem fault.Problem) {
	problem.Line += c.line - 1
	f.Problems = append(f.Problems, problem)
}

func (f *File) add(c chunk, body []byte) {
	if string(body) == "null" {
		return
	}
	line, column := firstContent(c.text)
	f.Documents = append(f.Documents, NewDocument(c.index, line+c.line-1, column, body))
}

// firstContent is where the first line that is neither blank nor a comment starts.
func firstContent(text string) (line, column int) {
	number := 0
	for row := range strings.Lines(text) {
		number++
		if trimmed := strings.TrimSpace(row); trimmed != "" && trimmed[0] != '#' && trimmed[0] != '%' {
			return number, len(row) - len(strings.TrimLeft(row, " \t")) + 1
		}
	}
	return 1, 1
}

var (
	errorLine = regexp.MustCompile(`line (\d+): ?`)
	quoted    = regexp.MustCompile("`[^`]*`|\"[^\"]{40,}\"")
)

// Syntax turns an error of the parser into a problem. Values that it quotes are taken out: they may be secrets.
func Syntax(err error, text string) fault.Problem {
	message := err.Error()
	line := 1
	if match := errorLine.FindStringSubmatch(message); match != nil {
		line, _ = strconv.Atoi(match[1])
		message = errorLine.ReplaceAllString(message, "")
	}
	for _, prefix := range []string{"error converting YAML to JSON: ", "yaml: ", "unmarshal errors:\n  "} {
		message = strings.TrimPrefix(message, prefix)
	}
	message, _, _ = strings.Cut(message, "\n")
	if at := strings.IndexFunc(text, isControl); at >= 0 && strings.HasSuffix(message, "control characters are not allowed") {
		line, column := Position(text[:at])
		return fault.Problem{Reason: "yaml-syntax", Message: message, Line: line, Column: column}
	}
	if strings.HasPrefix(message, "did not find expected") {
		line = stopped(err, text, line+1) // the parser counts from 0 where the scanner counts from 1
	}
	rows := strings.Split(strings.TrimRight(text, " \r\n"), "\n")
	line = max(1, min(line, len(rows)))
	row := rows[line-1]
	column := len(row) - len(strings.TrimLeft(row, " \t")) + 1
	return fault.Problem{Reason: "yaml-syntax", Message: quoted.ReplaceAllString(message, "a value"), Line: line, Column: column}
}

// isControl reports whether YAML allows a character nowhere, not even escaped in quotes.
func isControl(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r > '~' && r < 0xA0 && r != 0x85 || r == 0xFFFE || r == 0xFFFF
}

// unfit is the first scalar whose tag it does not fit, or that is a number which JSON does not have.
func unfit(node *yamlv3.Node) *yamlv3.Node {
	if node.Kind == yamlv3.ScalarNode {
		var value any
		err := node.Decode(&value)
		if number, _ := value.(float64); err == nil && !math.IsInf(number, 0) && !math.IsNaN(number) {
			return nil
		}
		return node
	}
	for _, below := range node.Content {
		if found := unfit(below); found != nil {
			return found
		}
	}
	return nil
}

// longest is the size of a text beyond which it is not read again to find where the parser stopped.
const longest = 1 << 20

// stopped is the line at which the parser gave up. Its error names the line where the mapping or the list begins that it was in, which may be far
// above: the shortest beginning of the text that fails with the same error ends where it stopped.
func stopped(err error, text string, begun int) int {
	fails := func(text string) bool {
		_, again := tree.Read(text)
		return again != nil && again.Error() == err.Error()
	}
	rows := strings.SplitAfter(text, "\n")
	if begun > len(rows) || len(text) > longest || !fails(text) {
		return begun
	}
	return begun + sort.Search(len(rows)-begun, func(more int) bool { return fails(strings.Join(rows[:begun+more], "")) })
}

// TooDeep reports whether JSON nests deeper than the limit; what follows a syntax error does not count.
func TooDeep(body []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > tree.MaxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
