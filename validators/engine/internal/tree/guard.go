package tree

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"gitops-validate/engine/internal/fault"
)

// MaxDepth and MaxNodes bound a document, the latter after aliases are expanded.
const (
	MaxDepth = 100
	MaxNodes = 250_000
)

// Guard is what one walk over a raw tree found: depth, the size that it would have with all aliases expanded, keys that stand twice, tags
// that nobody knows.
type Guard struct {
	Problems []fault.Problem
	Tags     []fault.Problem // apart, because only Kubernetes objects may not have them

	known map[*yaml.Node]extent
	open  map[*yaml.Node]bool
}

// extent is what a node would be with all aliases expanded.
type extent struct{ nodes, height int }

var errStop = errors.New("stop")

// Inspect walks a tree once, however often its aliases repeat a part of it.
func Inspect(root *yaml.Node) *Guard {
	g := &Guard{known: map[*yaml.Node]extent{}, open: map[*yaml.Node]bool{}}
	if whole, err := g.measure(root, 0); err == nil && whole.nodes > MaxNodes {
		g.report(root, "alias-limit", fmt.Sprintf("the document has more than %d nodes once its aliases are expanded", MaxNodes))
	}
	return g
}

// Fatal reports whether the document must not be converted.
func (g *Guard) Fatal() bool {
	for _, problem := range g.Problems {
		if problem.Reason != "duplicate-key" {
			return true
		}
	}
	return false
}

func (g *Guard) measure(node *yaml.Node, depth int) (extent, error) {
	whole, seen := g.known[node]
	if depth+whole.height > MaxDepth {
		g.report(node, "too-deep", fmt.Sprintf("nested more than %d levels deep", MaxDepth))
		return extent{}, errStop
	}
	if seen {
		return whole, nil
	}
	if g.open[node] {
		g.report(node, "alias-limit", "an anchor contains itself")
		return extent{}, errStop
	}
	g.open[node] = true
	defer delete(g.open, node)
	g.look(node)
	whole.nodes = 1
	for _, child := range children(node) {
		part, err := g.measure(child, depth+1)
		if err != nil {
			return extent{}, err
		}
		whole.nodes = min(whole.nodes+part.nodes, MaxNodes+1)
		whole.height = max(whole.height, part.height+1)
	}
	g.known[node] = whole
	return whole, nil
}

func children(node *yaml.Node) []*yaml.Node {
	if node.Kind == yaml.AliasNode {
		return []*yaml.Node{node.Alias}
	}
	return node.Content
}

func (g *Guard) look(node *yaml.Node) {
	if strings.HasPrefix(node.Tag, "!") && !strings.HasPrefix(node.Tag, "!!") && node.Tag != "!" {
		g.Tags = append(g.Tags, fault.Problem{Reason: "unsupported-tag", Message: "Kubernetes knows no tag " + shorten(node.Tag), Line: node.Line, Column: node.Column})
	}
	if node.Kind != yaml.MappingNode {
		return
	}
	seen := make(map[string]bool, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind == yaml.MappingNode || key.Kind == yaml.SequenceNode {
			g.report(key, "yaml-syntax", "a mapping or a list is no name of a field: put quotes around what begins with a bracket")
		}
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			continue
		}
		if seen[key.Value] {
			g.report(key, "duplicate-key", fmt.Sprintf("key %q stands twice in this mapping", shorten(key.Value)))
		}
		seen[key.Value] = true
	}
}

func (g *Guard) report(node *yaml.Node, reason, message string) {
	g.Problems = append(g.Problems, fault.Problem{Reason: reason, Message: message, Line: max(1, node.Line), Column: max(1, node.Column)})
}

func shorten(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return text
}
