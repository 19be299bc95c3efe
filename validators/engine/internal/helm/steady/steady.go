// Package steady gives Helm's template functions that answer the same for the same input.
//
// A chart may draw passwords, make certificates or print the time. Two renders of the same release would then differ, and a change of a
// repository could not be told from a change of the dice. Functions of the same name, signature and shape replace them: what they draw
// follows from a seed, the function, its arguments and how often it was called with them, so that a new call does not move the others.
//
// Functions that allocate as much as their argument says are bounded here too.
package steady

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"text/template"
)

// Functions returns the replacements for one render. The same seed gives the same answers.
func Functions(seed string) template.FuncMap {
	dice := &dice{seed: seed, calls: map[string]uint64{}}
	functions := template.FuncMap{}
	for _, part := range []template.FuncMap{dice.strings(), dice.secrets(), dice.certificates(), clock(), ordered(), bounded(), growing()} {
		maps.Copy(functions, part)
	}
	return functions
}

// dice draws what a render asks for.
type dice struct {
	seed  string
	calls map[string]uint64
}

// draw returns the source of randomness of one call.
func (d *dice) draw(function string, arguments ...any) *rand.ChaCha8 {
	call := fmt.Sprintf("%s\x00%q", function, arguments)
	d.calls[call]++
	hash := sha256.New()
	fmt.Fprintf(hash, "%s\x00%s", d.seed, call)
	_ = binary.Write(hash, binary.BigEndian, d.calls[call])
	return rand.NewChaCha8([32]byte(hash.Sum(nil)))
}
