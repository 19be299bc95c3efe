// Package merging tells how the API server merges the lists in objects of a kind: by the types that a server-side apply goes by.
package merging

import (
	"sigs.k8s.io/structured-merge-diff/v6/schema"
)

// Node is a part of a kind that is, or leads to, a list whose items are merged one by one. Numbers are those of other nodes.
type Node struct {
	Fields   map[string]int `json:"fields,omitempty"`
	Values   *int           `json:"values,omitempty"` // what stands under any other key
	Items    *int           `json:"items,omitempty"`
	Keys     []string       `json:"keys,omitempty"`     // the fields that identify an item
	Defaults map[string]any `json:"defaults,omitempty"` // what counts as the value of a key that an item lacks
	Set      bool           `json:"set,omitempty"`      // items are identified by themselves
}

// Of are the parts of a type, the first of them the type itself; none if it has no such list. Whatever is not among them is atomic: it is replaced
// as a whole, with all that is in it.
func Of(types *schema.Schema, root schema.TypeRef) []Node {
	found := graph{types: types, known: map[name]int{}}
	found.add(root)
	return found.pruned()
}

// graph has a node for each type that can be reached, once for a type with a name: types may lead back to themselves.
type graph struct {
	types *schema.Schema
	nodes []Node
	known map[name]int
}

// name is what a type goes by, with what the reference to it says of its items.
type name struct {
	of           string
	relationship schema.ElementRelationship
}

func (g *graph) add(ref schema.TypeRef) int {
	index := len(g.nodes)
	if ref.NamedType != nil {
		called := name{of: *ref.NamedType}
		if ref.ElementRelationship != nil {
			called.relationship = *ref.ElementRelationship
		}
		if before, known := g.known[called]; known {
			return before
		}
		g.known[called] = index
	}
	g.nodes = append(g.nodes, Node{})
	if atom, known := g.types.Resolve(ref); known {
		node := g.read(atom)
		g.nodes[index] = node
	}
	return index
}

func (g *graph) read(atom schema.Atom) (node Node) {
	switch {
	case atom.Map != nil && atom.Map.ElementRelationship != schema.Atomic:
		node.Fields = map[string]int{}
		for _, field := range atom.Map.Fields {
			node.Fields[field.Name] = g.add(field.Type)
		}
		node.Values = g.element(atom.Map.ElementType)
	case atom.List != nil && atom.List.ElementRelationship == schema.Associative:
		node.Keys, node.Set, node.Defaults = atom.List.Keys, len(atom.List.Keys) == 0, g.defaults(atom.List)
		node.Items = g.element(atom.List.ElementType)
	}
	return node
}

// element is the node of the items of a list, or of a map; nil if nothing is said of them.
func (g *graph) element(ref schema.TypeRef) *int {
	if ref.NamedType == nil && ref.Inlined == (schema.Atom{}) {
		return nil
	}
	index := g.add(ref)
	return &index
}

func (g *graph) defaults(list *schema.List) map[string]any {
	item, known := g.types.Resolve(list.ElementType)
	if !known || item.Map == nil {
		return nil
	}
	found := map[string]any{}
	for _, key := range list.Keys {
		if field, there := item.Map.FindField(key); there && field.Default != nil && field.Default != "" {
			found[key] = field.Default
		}
	}
	return found
}
