package sops

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

const (
	reader  = "age1dapu8n7cv9e3yxeds0nl7pmnv6zthhy8zrz0a87cyezsya39epaq5cl67z"
	another = "age1833kyyeh8j47372yp40hdjzjx2dhm7u0ncgwklkp9rurr5j6wceq9sncfr"
)

func rulesOf(t *testing.T, configuration string, paths ...string) []CreationRule {
	t.Helper()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, ".sops.yaml"), []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	args, _ := json.Marshal(map[string]any{"root": root, "config": ".sops.yaml", "paths": paths})
	result, _, err := CreationRules(context.Background(), &worker.Config{Roots: []string{root}}, wire.Request{Args: args})
	if err != nil {
		t.Fatal(err)
	}
	return result.(map[string]any)["rules"].([]CreationRule)
}

// TestTheFirstRuleThatFitsCounts shows that the path is the one from the configuration's folder on, and that later rules do not matter.
func TestTheFirstRuleThatFitsCounts(t *testing.T) {
	found := rulesOf(t, "creation_rules:\n- path_regex: ^prod/\n  encrypted_regex: ^data$\n  age: "+reader+"\n- age: ["+reader+", "+another+"]\n", "prod/a.yaml", "dev/prod/a.yaml")
	if len(found[0].Recipients) != 1 || len(found[0].Recipients[0]) != 1 || found[0].Recipients[0][0].ID != reader || found[0].Selector != (Selector{"encrypted_regex", "^data$"}) {
		t.Errorf("prod: %+v", found[0])
	}
	if len(found[1].Recipients[0]) != 2 || found[1].Selector.Kind != "" {
		t.Errorf("dev: %+v", found[1])
	}
}

// TestWhatSOPSRefusesIsSaidInItsWords shows that a file that no rule fits and a rule that cannot be understood are told apart.
func TestWhatSOPSRefusesIsSaidInItsWords(t *testing.T) {
	for configuration, words := range map[string]string{
		"creation_rules:\n- path_regex: ^prod/\n  age: " + reader + "\n": "no matching creation rules",
		"creation_rules:\n- path_regex: '('\n  age: " + reader + "\n":    "regexp",
		"creation_rules:\n- age: nobody\n":                               "nobody",
		"creation_rules: 7\n":                                            "cannot unmarshal",
		"a: b\n":                                                         "no creation rules",
	} {
		if found := rulesOf(t, configuration, "dev/a.yaml"); !strings.Contains(found[0].Failure, words) {
			t.Errorf("%q: %q", configuration, found[0].Failure)
		}
	}
}
