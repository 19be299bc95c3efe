package tree

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Place is where a field stands; End is the column after its last character in that line, Exact whether the pointer exists. Columns count
// characters, from 1.
type Place struct {
	Line   int  `json:"line"`
	Column int  `json:"column"`
	End    int  `json:"end"`
	Exact  bool `json:"exact"`
}

// Find follows a JSON Pointer as far as it goes, through aliases and merge keys. The place of a field is its key, or its value if that is asked for;
// the place of an item is the item.
func Find(root *yaml.Node, rows []string, pointer string, value bool) Place {
	at := content(root)
	node, exact := at, true
	for _, step := range Steps(pointer) {
		key, found := child(node, step)
		if found == nil {
			exact = false
			break
		}
		at, node = key, found
	}
	if value && exact {
		at = node
	}
	place := Span(at, rows)
	place.Exact = exact
	return place
}

// Value follows a JSON Pointer to the end; nil if it does not lead anywhere.
func Value(root *yaml.Node, pointer string) *yaml.Node {
	node := content(root)
	for _, step := range Steps(pointer) {
		if _, node = child(node, step); node == nil {
			return nil
		}
	}
	return Follow(node)
}

func content(root *yaml.Node) *yaml.Node {
	if root.Kind == yaml.DocumentNode && len(root.Content) > 0 {
		return root.Content[0]
	}
	return root
}

// Steps splits a JSON Pointer.
func Steps(pointer string) []string {
	if pointer == "" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, part := range parts {
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
	}
	return parts
}

// Pointer writes a JSON Pointer.
func Pointer(steps []string) (pointer string) {
	for _, step := range steps {
		pointer += "/" + Escape(step)
	}
	return pointer
}

var escaped = strings.NewReplacer("~", "~0", "/", "~1")

// Escape writes one step of a JSON Pointer.
func Escape(step string) string {
	return escaped.Replace(step)
}

// child returns what stands for a step (a key, or an item) and the value to go on from; nil if there is none.
func child(node *yaml.Node, step string) (at, value *yaml.Node) {
	node = Follow(node)
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
	node = Follow(node)
	switch node.Kind {
	case yaml.MappingNode:
		return []*yaml.Node{node}
	case yaml.SequenceNode:
		var all []*yaml.Node
		for _, item := range node.Content {
			if item = Follow(item); item.Kind == yaml.MappingNode {
				all = append(all, item)
			}
		}
		return all
	}
	return nil
}
