package parse

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/tree"
)

// addJSON reads a JSON file: one document, or several one after the other, as kubectl reads them.
func (f *File) addJSON(content string) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(content)))
	for index := 0; ; index++ {
		var raw json.RawMessage
		start := int(decoder.InputOffset())
		err := decoder.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			f.Problems = append(f.Problems, jsonFault(content, start, err))
			return
		}
		start = int(decoder.InputOffset()) - len(raw)
		f.addJSONDocument(content, index, start, raw)
	}
}

func (f *File) addJSONDocument(content string, index, start int, raw json.RawMessage) {
	line, column := Position(content[:start])
	if TooDeep(raw) {
		f.Problems = append(f.Problems, fault.Problem{Reason: "too-deep", Message: fmt.Sprintf("nested more than %d levels deep", tree.MaxDepth), Line: line, Column: column})
		return
	}
	for _, at := range duplicates(raw) {
		line, column := Position(content[:start+at])
		f.Problems = append(f.Problems, fault.Problem{Reason: "duplicate-key", Message: "this key stands twice in its object", Line: line, Column: column})
	}
	var compact bytes.Buffer
	if json.Compact(&compact, raw) == nil && compact.String() != "null" {
		f.Documents = append(f.Documents, NewDocument(index, line, column, compact.Bytes()))
	}
}

func jsonFault(content string, start int, err error) fault.Problem {
	var syntax *json.SyntaxError
	at := start
	if errors.As(err, &syntax) {
		at = min(int(syntax.Offset), len(content))
	}
	line, column := Position(content[:at])
	return fault.Problem{Reason: "yaml-syntax", Message: "invalid JSON: " + err.Error(), Line: line, Column: max(1, column-1)}
}

// duplicates returns the offsets of keys that stand twice in one object.
func duplicates(raw []byte) []int {
	type frame struct {
		keys   map[string]bool
		object bool
		key    bool
	}
	var found []int
	var stack []frame
	decoder := json.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := decoder.Token()
		if err != nil {
			return found
		}
		top := len(stack) - 1
		if delim, is := token.(json.Delim); is {
			switch delim {
			case '{':
				stack = append(stack, frame{keys: map[string]bool{}, object: true, key: true})
			case '[':
				stack = append(stack, frame{})
			default:
				stack = stack[:top]
				if top > 0 && stack[top-1].object {
					stack[top-1].key = true
				}
			}
			continue
		}
		if top < 0 || !stack[top].object {
			continue
		}
		if name, is := token.(string); is && stack[top].key {
			if stack[top].keys[name] {
				found = append(found, int(decoder.InputOffset())-len(name)-2)
			}
			stack[top].keys[name], stack[top].key = true, false
			continue
		}
		stack[top].key = true
	}
}
