// Package expression reads CEL as Flux's controllers do.
package expression

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// longest is the number of bytes that an expression may have.
const longest = 1 << 16

type args struct {
	Expressions []asked `json:"expressions"`
}

// asked is one expression, whose text is the blob of the same index. With variables it is compiled, and has to be a boolean.
type asked struct {
	Variables []string `json:"variables"`
}

type result struct {
	Faults []string `json:"faults"`
}

// Read answers `cel`: what is wrong with each expression, "" if Flux takes it.
func Read(_ context.Context, _ *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	var given args
	if err := json.Unmarshal(request.Args, &given); err != nil {
		return nil, nil, err
	}
	if len(given.Expressions) != len(request.Blobs) {
		return nil, nil, fmt.Errorf("cel: %d expressions and %d texts", len(given.Expressions), len(request.Blobs))
	}
	answer := result{Faults: make([]string, len(given.Expressions))}
	for index, each := range given.Expressions {
		if err := read(string(request.Blobs[index]), each.Variables); err != nil {
			answer.Faults[index] = err.Error()
		}
	}
	return answer, nil, nil
}

func read(text string, variables []string) error {
	if len(text) > longest {
		return fmt.Errorf("the expression has more than %d bytes", longest)
	}
	environment, err := environment(variables)
	if err != nil {
		return err
	}
	understand := environment.Parse
	if len(variables) > 0 {
		understand = environment.Compile
	}
	tree, issues := understand(text)
	if err := issues.Err(); err != nil {
		return fmt.Errorf("%s", issues.Errors()[0].Message)
	}
	if len(variables) > 0 && tree.OutputType() != cel.BoolType {
		return fmt.Errorf("it is of type %s, not bool", tree.OutputType())
	}
	_, err = environment.Program(tree)
	return err
}

// environment holds the functions that Flux knows; its variables are structs of any fields.
func environment(variables []string) (*cel.Env, error) {
	options := []cel.EnvOption{
		cel.HomogeneousAggregateLiterals(), cel.EagerlyValidateDeclarations(true), cel.DefaultUTCTimeZone(true),
		cel.CrossTypeNumericComparisons(true), cel.OptionalTypes(), ext.Strings(), ext.Sets(), ext.Encoders(),
	}
	for _, name := range variables {
		options = append(options, cel.Variable(name, cel.ObjectType("google.protobuf.Struct")))
	}
	return cel.NewEnv(options...)
}
