package unread

import (
	"slices"
	"strings"
	"text/template/parse"
)

// operand is what an expression stands for: paths into the values, the context of a whole template, or nothing that matters.
type operand struct {
	paths   []path
	context bool
}

func (o operand) and(other operand) operand {
	return operand{append(slices.Clip(o.paths), other.paths...), o.context || other.context}
}

// evaluation walks one template, with the places of the values that it sees as .Values.
type evaluation struct {
	*Reads
	mounts    []path
	variables map[string]operand
}

// template enters what a file of templates reads. Any chart may call what it defines, so that counts for the values of all.
func (r *Reads) template(text string, mounts []path) {
	tree, trees := parse.New("file"), map[string]*parse.Tree{}
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(text, "", "", trees); err != nil {
		r.root.whole = r.root.whole || strings.Contains(text, "Values")
		return
	}
	for name, one := range trees {
		if one.Root == nil {
			continue
		}
		places, dot := r.mounts, operand{}
		if name == "file" {
			places, dot = mounts, operand{context: true}
		}
		walk := &evaluation{Reads: r, mounts: places, variables: map[string]operand{"$": dot}}
		walk.list(one.Root, dot)
		walk.list(one.Root, dot) // once more, for variables that a loop sets after they are used
	}
}

// text enters what a text reads that some chart renders with tpl.
func (r *Reads) text(text string) { r.template(text, r.mounts) }

func (e *evaluation) list(nodes *parse.ListNode, dot operand) {
	if nodes == nil {
		return
	}
	for _, node := range nodes.Nodes {
		e.node(node, dot)
	}
}

func (e *evaluation) node(node parse.Node, dot operand) {
	switch node := node.(type) {
	case *parse.ActionNode:
		if result := e.pipe(node.Pipe, dot); len(node.Pipe.Decl) == 0 {
			e.take(result)
		}
	case *parse.IfNode:
		e.touch(e.pipe(node.Pipe, dot))
		e.list(node.List, dot)
		e.list(node.ElseList, dot)
	case *parse.WithNode:
		inner := e.pipe(node.Pipe, dot)
		e.touch(inner)
		e.list(node.List, inner)
		e.list(node.ElseList, dot)
	case *parse.RangeNode:
		over := e.pipe(node.Pipe, dot)
		e.take(over)
		if over.context {
			e.take(operand{paths: []path{{}}})
		}
		e.list(node.List, operand{})
		e.list(node.ElseList, dot)
	case *parse.TemplateNode:
		e.take(e.pipe(node.Pipe, dot))
	}
}

// take enters paths that are used as a whole.
func (e *evaluation) take(o operand) {
	for _, p := range o.paths {
		e.mark(p, e.mounts, true)
	}
}

// touch enters paths of which only the presence matters.
func (e *evaluation) touch(o operand) {
	for _, p := range o.paths {
		if len(p) > 0 {
			e.mark(p, e.mounts, false)
		}
	}
}

func (e *evaluation) pipe(pipe *parse.PipeNode, dot operand) (result operand) {
	if pipe == nil {
		return operand{}
	}
	for i, command := range pipe.Cmds {
		var piped []operand
		if i > 0 {
			piped = []operand{result}
		}
		result = e.command(command, dot, piped)
	}
	for _, variable := range pipe.Decl {
		name := variable.Ident[0]
		e.variables[name] = e.variables[name].and(result).unique()
	}
	return result
}

func (o operand) unique() operand {
	slices.SortFunc(o.paths, slices.Compare)
	o.paths = slices.CompactFunc(o.paths, slices.Equal)
	return o
}
