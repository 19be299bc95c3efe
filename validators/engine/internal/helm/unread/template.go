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

func (e *evaluation) command(command *parse.CommandNode, dot operand, piped []operand) operand {
	identifier, isFunction := command.Args[0].(*parse.IdentifierNode)
	if !isFunction {
		result := e.operand(command.Args[0], dot)
		if len(command.Args) > 1 || len(piped) > 0 { // a method, such as .Values.PathValue "a.b"
			e.take(operand{paths: parents(result.paths)})
			for _, argument := range command.Args[1:] {
				e.take(e.operand(argument, dot))
			}
			return operand{}
		}
		return result
	}
	arguments := make([]argument, 0, len(command.Args)+len(piped))
	for _, node := range command.Args[1:] {
		text, constant := node.(*parse.StringNode)
		one := argument{operand: e.operand(node, dot), constant: constant}
		if constant {
			one.text = text.Text
		}
		arguments = append(arguments, one)
	}
	for _, one := range piped {
		arguments = append(arguments, argument{operand: one})
	}
	return e.call(identifier.Ident, arguments)
}

func parents(paths []path) (above []path) {
	for _, p := range paths {
		above = append(above, p[:max(len(p)-1, 0)])
	}
	return above
}

func (e *evaluation) operand(node parse.Node, dot operand) operand {
	switch node := node.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return e.fields(dot, node.Ident)
	case *parse.VariableNode:
		return e.fields(e.variables[node.Ident[0]], node.Ident[1:])
	case *parse.ChainNode:
		return e.fields(e.operand(node.Node, dot), node.Field)
	case *parse.PipeNode:
		return e.pipe(node, dot)
	case *parse.StringNode:
		e.literal(node.Text)
	case *parse.IdentifierNode: // a function without arguments
		return e.call(node.Ident, nil)
	}
	return operand{}
}

// literal reads a text that a template may compose another one from.
func (e *evaluation) literal(text string) {
	switch {
	case !strings.Contains(text, "Values."):
	case strings.Contains(text, "{{") && strings.Contains(text, "}}") && !strings.Contains(text, "%"):
		e.text(text)
	case strings.Contains(text, "{{"):
		e.root.whole = true
	}
}

// fields follows a chain of names. Wherever "Values" comes up on something that is no value itself, the values of a chart begin.
func (e *evaluation) fields(base operand, names []string) operand {
	if len(names) == 0 {
		return base
	}
	result := operand{}
	for _, p := range base.paths {
		result.paths = append(result.paths, follow(p, names))
	}
	if begin := slices.Index(names, "Values"); begin >= 0 {
		from := path{}
		for i, name := range names[:begin] {
			if name == "Subcharts" && i+1 < begin {
				from = from.to(names[i+1])
			}
		}
		result.paths = append(result.paths, follow(from, names[begin+1:]))
	}
	return result
}

// follow extends a path. Helm's own methods on values are no keys.
func follow(p path, names []string) path {
	for _, name := range names {
		switch name {
		case "AsMap":
		case "YAML", "Encode":
			return p
		default:
			p = p.to(name)
		}
	}
	return p
}
