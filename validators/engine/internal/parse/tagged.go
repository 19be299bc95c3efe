package parse

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"gitops-validate/engine/internal/tree"
)

// Tagged reads a file as Parse does, with a text in place of whatever carries a tag: a tool that gives the tag a meaning puts something else there. `found`
// is told of each, with its document, the way to it as a JSON Pointer, and the strings that stand there.
func Tagged(path string, body []byte, tag, text string, found func(document int, pointer string, words []string)) File {
	content, problem := Decode(body)
	if problem != nil || !strings.Contains(content, tag) || len(body) > MaxFile {
		return Parse(path, body)
	}
	file := File{Path: path, Size: len(body), Documents: []Document{}}
	for _, c := range split(content) {
		root, err := tree.Read(c.text)
		if err != nil || root == nil || tree.Inspect(root).Fatal() {
			continue
		}
		replacement{tag, text, func(pointer string, words []string) { found(c.index, pointer, words) }}.in(root, "")
		if written, err := yaml.Marshal(root); err == nil {
			file.addYAML(chunk{index: c.index, line: c.line, text: string(written)})
		}
	}
	return file
}

// replacement is what Tagged does to a tree, once to each node.
type replacement struct {
	tag, text string
	found     func(pointer string, words []string)
}

func (r replacement) in(node *yaml.Node, pointer string) {
	if node.Tag == r.tag {
		r.found(pointer, words(node))
		*node = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: r.text, Style: yaml.DoubleQuotedStyle}
		return
	}
	for i, below := range node.Content {
		switch node.Kind {
		case yaml.DocumentNode:
			r.in(below, pointer)
		case yaml.SequenceNode:
			r.in(below, pointer+"/"+strconv.Itoa(i))
		case yaml.MappingNode:
			if i%2 == 1 {
				r.in(below, pointer+"/"+tree.Escape(node.Content[i-1].Value))
			}
		}
	}
}

// words are the scalars of a node, from the first to the last.
func words(node *yaml.Node) (all []string) {
	if node.Kind == yaml.ScalarNode {
		return []string{node.Value}
	}
	for _, below := range node.Content {
		all = append(all, words(below)...)
	}
	return all
}
