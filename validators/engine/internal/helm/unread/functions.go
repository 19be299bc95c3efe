package unread

// argument of a template function: what it stands for, and its text if that is written in the template.
type argument struct {
	operand
	text     string
	constant bool
}

// call says what a function reads of its arguments and what its result stands for. A function that is not known reads them as a whole.
func (e *evaluation) call(function string, arguments []argument) operand {
	switch function {
	case "default", "coalesce", "or", "and", "required", "ternary", "deepCopy", "mustDeepCopy":
		return e.either(arguments)
	case "index", "get":
		if len(arguments) > 0 {
			return e.index(arguments[0].operand, arguments[1:])
		}
	case "dig":
		if n := len(arguments); n > 2 {
			e.take(arguments[n-2].operand)
			return e.index(arguments[n-1].operand, arguments[:n-2]).and(arguments[n-2].operand)
		}
	case "hasKey":
		if len(arguments) == 2 {
			e.touch(e.index(arguments[0].operand, arguments[1:]))
			return operand{}
		}
	case "set", "unset":
		if len(arguments) > 0 {
			for _, one := range arguments[1:] {
				e.take(one.operand)
			}
			return arguments[0].operand
		}
	case "not", "empty", "kindIs", "kindOf", "typeIs", "typeOf", "typeIsLike":
		for _, one := range arguments {
			e.touch(one.operand)
		}
		return operand{}
	case "toYaml", "toJson", "mustToYaml", "mustToJson", "toYamlPretty", "toPrettyJson", "toRawJson", "toToml", "values", "print", "printf":
		for _, one := range arguments {
			if one.context {
				e.take(operand{paths: []path{{}}})
			}
		}
	}
	for _, one := range arguments {
		e.take(one.operand)
	}
	return operand{context: holds(function, arguments)}
}

// holds says whether a function may return the context that it was given.
func holds(function string, arguments []argument) bool {
	switch function {
	case "merge", "mustMerge", "mergeOverwrite", "mustMergeOverwrite", "pick", "omit", "first", "last":
		for _, one := range arguments {
			if one.context {
				return true
			}
		}
	}
	return false
}

// either returns one of its arguments: which, is unknown.
func (e *evaluation) either(arguments []argument) (result operand) {
	for _, one := range arguments {
		e.touch(one.operand)
		result = result.and(one.operand)
	}
	return result.unique()
}

// index follows keys that are written in the template; any other key may be all of them.
func (e *evaluation) index(base operand, keys []argument) operand {
	names := make([]string, 0, len(keys))
	for _, one := range keys {
		e.take(one.operand)
		if !one.constant {
			e.take(e.fields(base, names))
			return operand{}
		}
		names = append(names, one.text)
	}
	return e.fields(base, names)
}
