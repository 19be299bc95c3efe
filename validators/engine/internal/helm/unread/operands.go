package unread

import (
	"slices"
	"strings"
	"text/template/parse"
)

// command evaluates one part of a pipeline; piped is what the part before it gives.
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
