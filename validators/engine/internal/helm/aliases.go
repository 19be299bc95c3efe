package helm

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v3"
)

// mostNodes bounds a document after its aliases are expanded, which kustomize does without a limit of its own.
const mostNodes = 250_000

var anchor = regexp.MustCompile(`(?m)(?:^|[\s\[{,:?-])&[^\s&]`)

// expandable refuses documents whose aliases stand for too much, or for themselves. What cannot be parsed is left to kustomize's words.
func expandable(content []byte) error {
	if !anchor.Match(content) {
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	for {
		var document yaml.Node
		if decoder.Decode(&document) != nil {
			return nil
		}
		size, err := (&expansion{sizes: map[*yaml.Node]int{}}).size(&document)
		if err != nil {
			return err
		}
		if size > mostNodes {
			return fmt.Errorf("a document has more than %d nodes after its aliases are expanded", mostNodes)
		}
	}
}

// expansion measures nodes, each once; one that is being measured is known as zero.
type expansion struct{ sizes map[*yaml.Node]int }

func (e *expansion) size(node *yaml.Node) (int, error) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if size, known := e.sizes[node]; known {
		if size == 0 {
			return 0, errors.New("an alias stands inside of what it names")
		}
		return size, nil
	}
	e.sizes[node] = 0
	total := 1
	for _, child := range node.Content {
		size, err := e.size(child)
		if err != nil {
			return 0, err
		}
		total = min(total+size, mostNodes+1)
	}
	e.sizes[node] = total
	return total, nil
}
