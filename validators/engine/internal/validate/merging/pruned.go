package merging

import (
	"maps"
	"slices"
)

// pruned are the nodes that lead to a list which is merged, numbered anew from the first on.
func (g *graph) pruned() []Node {
	telling := g.telling()
	if !telling[0] {
		return []Node{}
	}
	numbers, order := map[int]int{0: 0}, []int{0}
	number := func(index int) int {
		if _, known := numbers[index]; !known {
			numbers[index] = len(order)
			order = append(order, index)
		}
		return numbers[index]
	}
	kept := []Node{}
	for len(kept) < len(order) {
		kept = append(kept, g.nodes[order[len(kept)]].renumbered(telling, number))
	}
	return kept
}

// telling says of each node whether it is, or leads to, a list that is merged.
func (g *graph) telling() []bool {
	found := make([]bool, len(g.nodes))
	for again := true; again; {
		again = false
		for index, node := range g.nodes {
			if !found[index] && (node.merged() || slices.ContainsFunc(node.below(), func(other int) bool { return found[other] })) {
				found[index], again = true, true
			}
		}
	}
	return found
}

func (n Node) merged() bool { return n.Set || len(n.Keys) > 0 }

// below are the nodes that a node leads to.
func (n Node) below() []int {
	found := slices.Collect(maps.Values(n.Fields))
	for _, other := range []*int{n.Values, n.Items} {
		if other != nil {
			found = append(found, *other)
		}
	}
	return found
}

func (n Node) renumbered(telling []bool, number func(int) int) Node {
	one := func(index *int) *int {
		if index == nil || !telling[*index] {
			return nil
		}
		new := number(*index)
		return &new
	}
	fields := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(n.Fields)) {
		if index := n.Fields[name]; telling[index] {
			fields[name] = number(index)
		}
	}
	n.Fields, n.Values, n.Items = fields, one(n.Values), one(n.Items)
	return n
}
