package parse

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"gitops-validate/engine/internal/jail"
	"gitops-validate/engine/internal/parallel"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

type locateArgs struct {
	Root   string  `json:"root"`
	Path   string  `json:"path"`
	Places []query `json:"places"`
}

type query struct {
	Document int    `json:"document"`
	Pointer  string `json:"pointer"`
	Value    bool   `json:"value"`
}

// Place is where a field stands; End is the column after its last character in that line, Exact whether the pointer exists.
type Place struct {
	Line   int  `json:"line"`
	Column int  `json:"column"`
	End    int  `json:"end"`
	Exact  bool `json:"exact"`
}

// Locate answers `locate`.
func Locate(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[locateArgs](request)
	if err != nil {
		return nil, nil, err
	}
	body, err := content(config, args, request.Blobs)
	if err != nil {
		return nil, nil, err
	}
	text, problem := decode(body)
	if problem != nil || len(body) > MaxFile {
		return map[string]any{"places": make([]Place, len(args.Places))}, nil, nil
	}
	chunks := split(text)
	trees := parallel.Map(len(chunks), func(i int) *yaml.Node { return tree(chunks, i, args.Places) })
	places := make([]Place, len(args.Places))
	for i, asked := range args.Places {
		if asked.Document >= 0 && asked.Document < len(chunks) {
			places[i] = find(chunks[asked.Document], trees[asked.Document], asked)
		}
	}
	return map[string]any{"places": places}, nil, nil
}

func content(config *worker.Config, args locateArgs, bodies [][]byte) ([]byte, error) {
	if args.Root == "" {
		if len(bodies) != 1 {
			return nil, errors.New("one body is needed")
		}
		return bodies[0], nil
	}
	files, err := jail.Open(config.Roots, args.Root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = files.Close() }()
	return files.ReadFile(args.Path)
}

// tree parses a document that a place is asked for in.
func tree(chunks []chunk, index int, asked []query) *yaml.Node {
	for _, place := range asked {
		if place.Document == index {
			root, err := nodes(chunks[index].text)
			if err != nil {
				return nil
			}
			return root
		}
	}
	return nil
}

// find follows a pointer as far as it goes.
func find(c chunk, root *yaml.Node, asked query) Place {
	if root == nil || len(root.Content) == 0 {
		line, column := firstContent(c.text)
		return Place{Line: line + c.line - 1, Column: column, End: column}
	}
	at, node, exact := root.Content[0], root.Content[0], true
	for _, step := range steps(asked.Pointer) {
		key, value := child(node, step)
		if value == nil {
			exact = false
			break
		}
		at, node = key, value
	}
	if asked.Value && exact {
		at = node
	}
	return place(c, at, exact)
}

func place(c chunk, node *yaml.Node, exact bool) Place {
	rows := strings.Split(c.text, "\n")
	end := node.Column
	if node.Line-1 < len(rows) {
		row := strings.TrimRight(rows[node.Line-1], " \r\t")
		end = max(end, utf8.RuneCountInString(row)+1)
		if node.Kind == yaml.ScalarNode && !strings.Contains(node.Value, "\n") {
			end = min(end, node.Column+utf8.RuneCountInString(node.Value)+quotes(node))
		}
	}
	return Place{Line: node.Line + c.line - 1, Column: node.Column, End: end, Exact: exact}
}

func quotes(node *yaml.Node) int {
	if node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		return 2
	}
	return 0
}

func steps(pointer string) []string {
	if pointer == "" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, part := range parts {
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
	}
	return parts
}

// child returns what stands for a step (a key, or an item) and the value to go on from; nil if there is none.
func child(node *yaml.Node, step string) (at, value *yaml.Node) {
	for range MaxDepth {
		if node.Kind != yaml.AliasNode {
			break
		}
		node = node.Alias
	}
	switch node.Kind {
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(node.Content) {
			return node.Content[i], node.Content[i]
		}
	case yaml.MappingNode:
		return entry(node, step, 0)
	}
	return nil, nil
}

// entry finds a key; the last one wins, as in the decoder, and a key of its own wins over a merged one.
func entry(node *yaml.Node, name string, depth int) (key, value *yaml.Node) {
	for i := len(node.Content) - 2; i >= 0; i -= 2 {
		if node.Content[i].Value == name && node.Content[i].Tag != "!!merge" {
			return node.Content[i], node.Content[i+1]
		}
	}
	for i := 0; i+1 < len(node.Content) && depth < MaxDepth; i += 2 {
		if node.Content[i].Tag != "!!merge" {
			continue
		}
		for _, merged := range mergedMappings(node.Content[i+1]) {
			if key, value = entry(merged, name, depth+1); key != nil {
				return key, value
			}
		}
	}
	return nil, nil
}

func mergedMappings(node *yaml.Node) []*yaml.Node {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch node.Kind {
	case yaml.MappingNode:
		return []*yaml.Node{node}
	case yaml.SequenceNode:
		var all []*yaml.Node
		for _, item := range node.Content {
			if item.Kind == yaml.AliasNode {
				item = item.Alias
			}
			if item.Kind == yaml.MappingNode {
				all = append(all, item)
			}
		}
		return all
	}
	return nil
}
