package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"gitops-validate/engine/internal/tree"
)

const url = "file:///gitlab-ci.json"

// schema is GitLab's, compiled and as it is written.
type schema struct {
	compiled *jsonschema.Schema
	written  any
}

// nothing opens no other document.
type nothing struct{}

func (nothing) Load(url string) (any, error) { return nil, fmt.Errorf("the schema names %s", url) }

func compile(body []byte) (*schema, error) {
	written, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if named, is := written.(map[string]any); is {
		delete(named, "$id") // so that what it says of itself is found by its own name
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(nothing{})
	for _, name := range []string{"uri", "uri-reference"} {
		compiler.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(any) error { return nil }})
	}
	if err := compiler.AddResource(url, written); err != nil {
		return nil, err
	}
	compiled, err := compiler.Compile(url)
	if err != nil {
		return nil, errors.New("GitLab's schema cannot be compiled: " + err.Error())
	}
	return &schema{compiled, written}, nil
}

// known are the keys that the part of the schema at an address names.
func (s *schema) known(address string) []string {
	_, fragment, _ := strings.Cut(address, "#")
	part := s.written
	for _, step := range tree.Steps(fragment) {
		switch here := part.(type) {
		case map[string]any:
			part = here[step]
		case []any:
			if i, err := strconv.Atoi(step); err == nil && i < len(here) {
				part = here[i]
			}
		}
	}
	named, _ := part.(map[string]any)
	properties, _ := named["properties"].(map[string]any)
	keys := make([]string, 0, len(properties))
	for key := range properties {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
