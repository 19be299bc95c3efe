// Package asking finds the templates of a chart that ask the cluster what it has. What they make is known in the cluster only: here lookup finds nothing.
package asking

import (
	"bytes"
	"path"
	"slices"
	"text/template/parse"

	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// Templates are the files of a chart and those in it, as Helm calls them, that call lookup, or a named template that does.
func Templates(chrt *chart.Chart) map[string]bool {
	if !mentioned(chrt) {
		return nil
	}
	found := &calls{asks: map[string]bool{}, named: map[string][]string{}, files: map[string]bool{}}
	found.chart(chrt)
	answer := map[string]bool{}
	for file := range found.files {
		if found.reaches(file, map[string]bool{}) {
			answer[file] = true
		}
	}
	return answer
}

// mentioned saves most charts from being parsed for this.
func mentioned(chrt *chart.Chart) bool {
	return slices.ContainsFunc(chrt.Templates, func(file *common.File) bool { return file != nil && bytes.Contains(file.Data, []byte("lookup")) }) ||
		slices.ContainsFunc(chrt.Dependencies(), mentioned)
}

// calls knows of each template, by the path of its file or the name it is defined by, whether it asks itself and which others it takes in.
type calls struct {
	asks  map[string]bool
	named map[string][]string
	files map[string]bool
}

func (c *calls) chart(chrt *chart.Chart) {
	for _, file := range chrt.Templates {
		if file == nil {
			continue
		}
		name, trees := path.Join(chrt.ChartFullPath(), file.Name), map[string]*parse.Tree{}
		tree := parse.New(name)
		tree.Mode = parse.SkipFuncCheck
		if _, err := tree.Parse(string(file.Data), "", "", trees); err != nil {
			continue // Helm says so
		}
		c.files[name] = true
		for called, one := range trees {
			if one.Root != nil {
				c.node(called, one.Root)
			}
		}
	}
	for _, dependency := range chrt.Dependencies() {
		c.chart(dependency)
	}
}

func (c *calls) reaches(name string, seen map[string]bool) bool {
	if c.asks[name] {
		return true
	}
	seen[name] = true
	for _, called := range c.named[name] {
		if !seen[called] && c.reaches(called, seen) {
			return true
		}
	}
	return false
}

func (c *calls) node(within string, node parse.Node) {
	switch node := node.(type) {
	case *parse.ListNode:
		if node != nil {
			for _, each := range node.Nodes {
				c.node(within, each)
			}
		}
	case *parse.ActionNode:
		c.node(within, node.Pipe)
	case *parse.IfNode:
		c.branch(within, &node.BranchNode)
	case *parse.RangeNode:
		c.branch(within, &node.BranchNode)
	case *parse.WithNode:
		c.branch(within, &node.BranchNode)
	case *parse.TemplateNode:
		c.named[within] = append(c.named[within], node.Name)
		c.node(within, node.Pipe)
	case *parse.PipeNode:
		if node != nil {
			for _, command := range node.Cmds {
				c.command(within, command)
			}
		}
	case *parse.ChainNode:
		c.node(within, node.Node)
	}
}

func (c *calls) branch(within string, node *parse.BranchNode) {
	c.node(within, node.Pipe)
	c.node(within, node.List)
	c.node(within, node.ElseList)
}

func (c *calls) command(within string, command *parse.CommandNode) {
	for position, argument := range command.Args {
		function, ok := argument.(*parse.IdentifierNode)
		if !ok {
			c.node(within, argument)
			continue
		}
		if function.Ident == "lookup" {
			c.asks[within] = true
		}
		if function.Ident == "include" && position+1 < len(command.Args) {
			if name, ok := command.Args[position+1].(*parse.StringNode); ok {
				c.named[within] = append(c.named[within], name.Text)
			}
		}
	}
}
