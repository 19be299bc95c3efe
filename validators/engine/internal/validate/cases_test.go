package validate

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	goyaml "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/worker"
)

// cases are good objects, the changes that make them bad, and what a real API server said of each. Those of exam were written, and answered by
// the server, without a look at the others or at what is answered here; the ones about custom kinds are asked in custom_test.go.
const (
	cases = "../../../../tests/engine/cases"
	exam  = "../../../../tests/engine/exam"
)

type document struct {
	Base  map[string]any            `json:"base"`
	Cases map[string]map[string]any `json:"cases"`
}

// said is what the server answered: null for accepted, else the fields that it named.
type said map[string][2]*[]string

// TestWhatARealServerSaid demands its verdict for 99 of 100 cases, and its fields for 97 of 100 refusals.
func TestWhatARealServerSaid(t *testing.T) {
	judges, err := server.Start(worker.APIServer{KubeVersion: "1.37"})
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(cases, "*.yaml"))
	fresh, _ := filepath.Glob(filepath.Join(exam, "*.yaml"))
	files = append(files, fresh...)
	counts := map[string]int{}
	for _, file := range files {
		recorded := read(t, file)
		for name, object := range expand(t, file) {
			for i, mode := range []cause.Mode{cause.Create, cause.ServerSide} {
				got := (&judge{&worker.Config{}, judges, arguments{Apply: mode, Namespace: "default"}}).object(context.Background(), object)
				compare(t, counts, fmt.Sprintf("%s: %s, %s", filepath.Base(file), name, mode), recorded[name][i], got)
			}
		}
	}
	t.Log(counts)
	if counts["asked"] < 2500 || counts["verdict"]*100 > counts["asked"] || counts["fields"]*100 > 3*counts["rejected"] {
		t.Errorf("too few agree: %v", counts)
	}
}

func read(t *testing.T, file string) (recorded said) {
	t.Helper()
	text, err := os.ReadFile(strings.TrimSuffix(file, ".yaml") + ".json")
	if err == nil {
		err = json.Unmarshal(text, &recorded)
	}
	if err != nil {
		t.Fatal(err)
	}
	return recorded
}

// compare counts where the server's verdict, or the fields that it names, are not ours.
func compare(t *testing.T, counts map[string]int, name string, want *[]string, got Verdict) {
	t.Helper()
	counts["asked"]++
	if (want == nil) != (got.Verdict == "accepted") {
		counts["verdict"]++
		t.Logf("%s: %s %+v", name, got.Verdict, got.Causes)
		return
	}
	if want == nil || len(*want) == 0 {
		return
	}
	counts["rejected"]++
	fields := map[string]bool{}
	for _, each := range got.Causes {
		fields[each.Field] = true
	}
	named, asked := slices.Sorted(maps.Keys(fields)), slices.Compact(slices.Sorted(slices.Values(*want)))
	if got.Causes[0].Message == "field not declared in schema" { // of several the server names one, now this and now that
		named = slices.DeleteFunc(named, func(field string) bool { return !slices.Contains(asked, field) })
	}
	if !slices.Equal(named, asked) {
		counts["fields"]++
		t.Logf("%s: %q instead of %q: %+v", name, named, asked, got.Causes)
	}
}

// expand makes the objects of a file, as JSON.
func expand(t *testing.T, file string) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	objects := map[string][]byte{}
	for _, part := range strings.Split(string(text), "\n---\n") {
		var found document
		if err := yaml.Unmarshal([]byte(part), &found); err != nil {
			t.Fatal(file, err)
		}
		for name, changes := range found.Cases {
			objects[name], _ = json.Marshal(changed(copied(found.Base), changes, order(part, name)))
		}
	}
	return objects
}

// order is that in which a case's changes are written.
func order(text, name string) (pointers []string) {
	var root struct{ Cases map[string]goyaml.Node }
	_ = goyaml.Unmarshal([]byte(text), &root)
	node := root.Cases[name]
	for i := 0; i < len(node.Content); i += 2 {
		pointers = append(pointers, node.Content[i].Value)
	}
	return pointers
}

func copied(value map[string]any) (twin map[string]any) {
	text, _ := json.Marshal(value)
	_ = json.Unmarshal(text, &twin)
	return twin
}

func changed(object map[string]any, changes map[string]any, pointers []string) any {
	var root any = object
	for _, pointer := range pointers {
		route := strings.Split(strings.TrimPrefix(pointer, "-"), "/")[1:]
		root = put(root, route, changes[pointer], strings.HasPrefix(pointer, "-"))
	}
	return root
}

func put(parent any, route []string, value any, away bool) any {
	if len(route) == 0 {
		return value
	}
	name := strings.NewReplacer("~1", "/", "~0", "~").Replace(route[0])
	if list, is := parent.([]any); is {
		if name == "-" {
			return append(list, value)
		}
		i, _ := strconv.Atoi(name)
		list[i] = put(list[i], route[1:], value, away)
		return list
	}
	fields, is := parent.(map[string]any)
	if !is {
		fields = map[string]any{}
	}
	if away && len(route) == 1 {
		delete(fields, name)
		return fields
	}
	fields[name] = put(fields[name], route[1:], value, away)
	return fields
}
