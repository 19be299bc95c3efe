package parse

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

// nodes parses one document into its raw tree, in which an alias is a pointer and costs nothing. An empty document gives nil.
func nodes(text string) (*yaml.Node, error) {
	var node yaml.Node
	if err := yaml.NewDecoder(strings.NewReader(text)).Decode(&node); err != nil {
		if strings.Contains(err.Error(), "EOF") {
			return nil, nil
		}
		return nil, err
	}
	return &node, nil
}

// guard walks a raw tree once: depth, the size that it would have with all aliases expanded, keys that stand twice, tags that nobody knows.
type guard struct {
	sizes    map[*yaml.Node]int
	open     map[*yaml.Node]bool
	problems []fault.Problem
	tags     []fault.Problem
}

var errStop = errors.New("stop")

func inspect(root *yaml.Node) *guard {
	g := &guard{sizes: map[*yaml.Node]int{}, open: map[*yaml.Node]bool{}}
	if size, err := g.size(root, 0); err == nil && size > MaxNodes {
		g.report(root, "alias-limit", fmt.Sprintf("the document has more than %d nodes once its aliases are expanded", MaxNodes))
	}
	return g
}

// fatal reports whether the document must not be converted.
func (g *guard) fatal() bool {
	for _, problem := range g.problems {
		if problem.Reason != "duplicate-key" {
			return true
		}
	}
	return false
}

func (g *guard) size(node *yaml.Node, depth int) (int, error) {
	if known, seen := g.sizes[node]; seen {
		return known, nil
	}
	if g.open[node] {
		g.report(node, "alias-limit", "an anchor contains itself")
		return 0, errStop
	}
	if depth > MaxDepth {
		g.report(node, "too-deep", fmt.Sprintf("nested more than %d levels deep", MaxDepth))
		return 0, errStop
	}
	g.open[node] = true
	defer delete(g.open, node)
	g.look(node)
	total := 1
	for _, child := range children(node) {
		size, err := g.size(child, depth+1)
		if err != nil {
			return 0, err
		}
		total = min(total+size, MaxNodes+1)
	}
	g.sizes[node] = total
	return total, nil
}

func children(node *yaml.Node) []*yaml.Node {
	if node.Kind == yaml.AliasNode {
		return []*yaml.Node{node.Alias}
	}
	return node.Content
}

func (g *guard) look(node *yaml.Node) {
	if strings.HasPrefix(node.Tag, "!") && !strings.HasPrefix(node.Tag, "!!") && node.Tag != "!" {
		g.tags = append(g.tags, fault.Problem{Reason: "unsupported-tag", Message: fmt.Sprintf("Kubernetes knows no tag %s", node.Tag), Line: node.Line, Column: node.Column})
	}
	if node.Kind != yaml.MappingNode {
		return
	}
	seen := make(map[string]bool, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			continue
		}
		if seen[key.Value] {
			g.report(key, "duplicate-key", fmt.Sprintf("key %q stands twice in this mapping", shorten(key.Value)))
		}
		seen[key.Value] = true
	}
}

func (g *guard) report(node *yaml.Node, reason, message string) {
	g.problems = append(g.problems, fault.Problem{Reason: reason, Message: message, Line: node.Line, Column: node.Column})
}

func shorten(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return text
}
