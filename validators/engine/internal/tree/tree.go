// Package tree reads YAML and JSON into raw node trees, which know their lines and columns, and in which an alias is a pointer and costs nothing.
//
//  1. A text becomes nodes (tree.go, json.go).
//  2. A guard refuses what would expand or nest without end, before anybody walks or converts it (guard.go).
//  3. A JSON Pointer finds the place of a field (find.go, span.go).
package tree

import (
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Read parses the first document of a YAML text. An empty text gives nil.
func Read(text string) (*yaml.Node, error) {
	return next(yaml.NewDecoder(strings.NewReader(text)))
}

// ReadAll parses all documents of a YAML stream; empty ones, which the decoder counts too, are null.
func ReadAll(text string) ([]*yaml.Node, error) {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var roots []*yaml.Node
	for {
		root, err := next(decoder)
		if root == nil || err != nil {
			return roots, err
		}
		roots = append(roots, root)
	}
}

func next(decoder *yaml.Decoder) (*yaml.Node, error) {
	var node yaml.Node
	err := decoder.Decode(&node)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &node, nil
}

// Follow returns what an alias stands for.
func Follow(node *yaml.Node) *yaml.Node {
	for range MaxDepth {
		if node.Kind != yaml.AliasNode {
			break
		}
		node = node.Alias
	}
	return node
}
