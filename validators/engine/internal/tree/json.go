package tree

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ErrDeep says that a text nests deeper than MaxDepth.
var ErrDeep = fmt.Errorf("nested more than %d levels deep", MaxDepth)

// ReadJSON parses the values of a JSON text, one or several, into nodes like those of YAML.
func ReadJSON(text string) ([]*yaml.Node, error) {
	r := &reader{decoder: json.NewDecoder(strings.NewReader(text)), text: text, line: 1, column: 1}
	r.decoder.UseNumber()
	var roots []*yaml.Node
	for {
		root, _, err := r.value(0)
		if errors.Is(err, io.EOF) {
			return roots, nil
		}
		if err != nil {
			return roots, err
		}
		roots = append(roots, &yaml.Node{Kind: yaml.DocumentNode, Line: root.Line, Column: root.Column, Content: []*yaml.Node{root}})
	}
}

// reader knows the line and column of each token, which the decoder does not.
type reader struct {
	decoder      *json.Decoder
	text         string
	at           int
	line, column int
}

// value reads one value; the end of a list or an object, which is none, comes back as closing.
func (r *reader) value(depth int) (node *yaml.Node, closing bool, err error) {
	if depth > MaxDepth {
		return nil, false, ErrDeep
	}
	token, err := r.decoder.Token()
	if err != nil {
		return nil, false, err
	}
	r.forward(len(r.text[r.at:]) - len(strings.TrimLeft(r.text[r.at:], " \t\r\n,:")))
	node = &yaml.Node{Kind: yaml.ScalarNode, Line: r.line, Column: r.column}
	r.forward(int(r.decoder.InputOffset()) - r.at)
	switch token := token.(type) {
	case json.Delim:
		if token == '}' || token == ']' {
			return nil, true, nil
		}
		node.Kind, node.Style = yaml.SequenceNode, yaml.FlowStyle
		if token == '{' {
			node.Kind = yaml.MappingNode
		}
		return node, false, r.fill(node, depth)
	case string:
		node.Tag, node.Style, node.Value = "!!str", yaml.DoubleQuotedStyle, token
	case json.Number:
		node.Tag, node.Value = "!!float", token.String()
	case bool:
		node.Tag, node.Value = "!!bool", fmt.Sprint(token)
	case nil:
		node.Tag, node.Value = "!!null", "null"
	}
	return node, false, nil
}

func (r *reader) fill(node *yaml.Node, depth int) error {
	for {
		child, closing, err := r.value(depth + 1)
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		if closing || err != nil {
			return err
		}
		node.Content = append(node.Content, child)
	}
}

func (r *reader) forward(length int) {
	for _, char := range r.text[r.at : r.at+length] {
		r.column++
		if char == '\n' {
			r.line, r.column = r.line+1, 1
		}
	}
	r.at += length
}
