package server

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	cliflag "k8s.io/component-base/cli/flag"
	basecompatibility "k8s.io/component-base/compatibility"
	"k8s.io/component-base/featuregate"
)

// What kube-apiserver calls its flags.
const (
	GatesFlag   = "feature-gates"
	RuntimeFlag = "runtime-config"
)

// Refused is an entry of a flag that kube-apiserver does not start with.
type Refused struct {
	Flag string
	Key  string // the entry's, if one can be told
	Err  error
}

// Error says it as kube-apiserver does.
func (r *Refused) Error() string { return fmt.Sprintf("--%s: %v", r.Flag, r.Err) }

// Unwrap is what kube-apiserver says.
func (r *Refused) Unwrap() error { return r.Err }

// setGates sets feature gates of the version that is emulated.
func setGates(gates featuregate.MutableVersionedFeatureGate, flag string) error {
	entries, err := own(flag)
	if err != nil {
		return &Refused{Flag: GatesFlag, Err: err}
	}
	if entries == "" {
		return nil
	}
	untouched, values := gates.DeepCopy(), map[string]bool{}
	if err := gates.Set(entries); err != nil {
		if cliflag.NewMapStringBool(&values).Set(entries) != nil {
			return &Refused{Flag: GatesFlag, Err: err}
		}
		return blamed(GatesFlag, values, err, func(some map[string]bool) error { return untouched.DeepCopy().SetFromMap(some) })
	}
	return nil
}

// own are the entries of the flag --feature-gates without the name of their component, which is always the one called kube: there is no other, and
// without a name it is meant.
func own(flag string) (string, error) {
	var components map[string][]string
	if err := cliflag.NewColonSeparatedMultimapStringStringAllowDefaultEmptyKey(&components).Set(flag); err != nil {
		return "", err
	}
	kube, unnamed := components[basecompatibility.DefaultKubeComponent], components[""]
	if kube != nil && unnamed != nil {
		return "", fmt.Errorf("set kube feature gates with default empty prefix or kube: prefix consistently, do not mix use")
	}
	for component := range components {
		if component != "" && component != basecompatibility.DefaultKubeComponent {
			return "", fmt.Errorf("component not registered: %s", component)
		}
	}
	return strings.Join(append(kube, unnamed...), ","), nil
}

// blamed finds the entry that a refusal is about: the first without which the others are taken, or else the first that is refused alone.
func blamed[V any](flag string, values map[string]V, refusal error, try func(map[string]V) error) error {
	keys := slices.Sorted(maps.Keys(values))
	for _, key := range keys {
		others := maps.Clone(values)
		delete(others, key)
		if try(others) == nil {
			return &Refused{flag, key, refusal}
		}
	}
	for _, key := range keys {
		if err := try(map[string]V{key: values[key]}); err != nil {
			return &Refused{flag, key, err}
		}
	}
	return &Refused{Flag: flag, Err: refusal}
}
