package sops

import (
	"strconv"

	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/stores"
	"go.yaml.in/yaml/v3"

	"gitops-validate/engine/internal/tree"
)

// step is one value or comment of a document, and what SOPS made of it in a second tree of the same shape.
type step struct {
	document int
	pointer  string
	bound    string // the path that SOPS binds the ciphertext to: without the numbers of items and documents, that of a comment is what it stands in
	value    any    // a scalar, nil, or sops.Comment
	made     any
	node     *yaml.Node // nil for comments, and in files of lines
}

// walk visits the leaves of two trees of the same shape side by side, and the nodes where they are written.
func (f *file) walk(made sops.TreeBranches, visit func(step)) {
	for i, branch := range f.branches {
		w := walker{document: i, visit: visit}
		var root *yaml.Node
		if i < len(f.roots) {
			root = withoutMetadata(f.roots[i])
		}
		w.walk("", "", root, branch, made[i])
	}
}

// withoutMetadata is the top mapping as SOPS sees it.
func withoutMetadata(root *yaml.Node) *yaml.Node {
	if root.Kind == yaml.DocumentNode && len(root.Content) > 0 {
		root = root.Content[0]
	}
	root = tree.Follow(root)
	rest := *root
	rest.Content = nil
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value != stores.SopsMetadataKey {
			rest.Content = append(rest.Content, root.Content[i], root.Content[i+1])
		}
	}
	return &rest
}

type walker struct {
	document int
	visit    func(step)
}

func (w walker) walk(pointer, bound string, node *yaml.Node, value, made any) {
	switch value := value.(type) {
	case sops.TreeBranch:
		w.walkMapping(pointer, bound, node, value, made.(sops.TreeBranch))
	case []any:
		w.walkList(pointer, bound, node, value, made.([]any))
	default:
		w.visit(step{w.document, pointer, bound, value, made, node})
	}
}

func (w walker) walkMapping(pointer, bound string, node *yaml.Node, branch, made sops.TreeBranch) {
	number := 0
	for i, item := range branch {
		if comment, is := item.Key.(sops.Comment); is {
			w.visit(step{w.document, pointer, bound, comment, made[i].Key, nil})
			continue
		}
		key, _ := item.Key.(string)
		w.walk(pointer+"/"+tree.Escape(key), bound+key+":", part(node, 2*number+1), item.Value, made[i].Value)
		number++
	}
}

func (w walker) walkList(pointer, bound string, node *yaml.Node, list, made []any) {
	number := 0
	for i, item := range list {
		if comment, is := item.(sops.Comment); is {
			w.visit(step{w.document, pointer, bound, comment, made[i], nil})
			continue
		}
		w.walk(pointer+"/"+strconv.Itoa(number), bound, part(node, number), item, made[i])
		number++
	}
}

func part(node *yaml.Node, index int) *yaml.Node {
	if node = follow(node); node == nil || index >= len(node.Content) {
		return nil
	}
	return node.Content[index]
}

func follow(node *yaml.Node) *yaml.Node {
	if node == nil {
		return nil
	}
	return tree.Follow(node)
}

// copyOf is a deep copy: SOPS works in place.
func copyOf(branches sops.TreeBranches) sops.TreeBranches {
	copied := make(sops.TreeBranches, len(branches))
	for i, branch := range branches {
		copied[i] = copyValue(branch).(sops.TreeBranch)
	}
	return copied
}

func copyValue(value any) any {
	switch value := value.(type) {
	case sops.TreeBranch:
		branch := make(sops.TreeBranch, len(value))
		for i, item := range value {
			branch[i] = sops.TreeItem{Key: item.Key, Value: copyValue(item.Value)}
		}
		return branch
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = copyValue(item)
		}
		return list
	}
	return value
}
