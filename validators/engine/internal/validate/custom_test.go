package validate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// customCases are about kinds of the bundle, and of definitions/ beside them; prepare.py says how they are recorded.
const (
	customCases = "../../../../tests/engine/verdicts/custom"
	bundle      = "../../../../schemas/gitops_schemas/crds"
)

// TestWhatARealServerSaidOfCustomKinds demands its verdict for 99 of 100 cases, and its fields for 97 of 100 refusals.
func TestWhatARealServerSaidOfCustomKinds(t *testing.T) {
	judges, err := server.Start(worker.APIServer{KubeVersion: "1.37"})
	if err != nil {
		t.Fatal(err)
	}
	config := &worker.Config{APIServer: worker.APIServer{KubeVersion: "1.37"}, Schemas: []string{bundle}}
	definitions := define(t, config)
	files, _ := filepath.Glob(filepath.Join(customCases, "*.yaml"))
	files = append(files, filepath.Join(exam, "custom", "kinds.yaml"))
	counts := map[string]int{}
	mutations(t, counts, func(mode cause.Mode, object []byte) Verdict {
		return (&judge{config, judges, arguments{Apply: mode, Namespace: "default", Definitions: definitions}}).object(context.Background(), object)
	})
	for _, file := range files {
		recorded := read(t, file)
		for name, object := range expand(t, file) {
			for i, mode := range []cause.Mode{cause.Create, cause.ServerSide} {
				got := (&judge{config, judges, arguments{Apply: mode, Namespace: "default", Definitions: definitions}}).object(context.Background(), object)
				agree(t, counts, fmt.Sprintf("%s: %s, %s", filepath.Base(file), name, mode), recorded[name][i], got)
			}
		}
	}
	t.Log(counts)
	if counts["asked"] < 1500 || counts["verdict"]*100 > counts["asked"] || counts["fields"]*100 > 3*counts["rejected"] {
		t.Errorf("too few agree: %v", counts)
	}
}

// mutations replays what was recorded of random mutations.
func mutations(t *testing.T, counts map[string]int, judged func(cause.Mode, []byte) Verdict) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(customCases, "recorded.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for text := range bytes.Lines(text) {
		var line struct {
			Case          string
			Create, Apply *answer
			Object        json.RawMessage
		}
		if err := json.Unmarshal(text, &line); err != nil {
			t.Fatal(err)
		}
		for mode, want := range map[cause.Mode]*answer{cause.Create: line.Create, cause.ServerSide: line.Apply} {
			var fields *[]string
			if want != nil {
				fields = &want.Fields
			}
			agree(t, counts, line.Case+", "+string(mode), fields, judged(mode, line.Object))
		}
	}
}

// define hands over the definitions that are not in the bundle, as Python does, and returns their digests.
func define(t *testing.T, config *worker.Config) (digests []string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(customCases, "definitions", "*.yaml"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		body, err := yaml.YAMLToJSON(text)
		if err != nil {
			t.Fatal(file, err)
		}
		args, _ := json.Marshal(map[string]string{"digest": file})
		if _, _, err := Define(context.Background(), config, wire.Request{Args: args, Blobs: wire.Blobs{body}}); err != nil {
			t.Fatal(file, err)
		}
		digests = append(digests, file)
	}
	return digests
}

// agree counts where the server's verdict is not ours, or its fields are not among ours. It writes "<nil>" for a field that only its message
// names: there ours may have one more.
func agree(t *testing.T, counts map[string]int, name string, want *[]string, got Verdict) {
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
	for _, field := range *want {
		field = strings.TrimPrefix(field, ".")
		if field != "<nil>" && !slices.ContainsFunc(got.Causes, func(one cause.Cause) bool { return named(one.Field, field) }) {
			counts["fields"]++
			t.Logf("%s: no %q: %+v", name, field, got.Causes)
			return
		}
	}
	for _, one := range got.Causes {
		if one.Message != "field not declared in schema" && !slices.Contains(*want, "<nil>") && !slices.ContainsFunc(*want, func(field string) bool { return named(one.Field, field) }) {
			counts["fields"]++
			t.Logf("%s: %q is not among %q: %+v", name, one.Field, *want, got.Causes)
			return
		}
	}
}

// named reports whether ours is the server's field; of metadata it sometimes writes only the end.
func named(ours, field string) bool {
	return ours == strings.TrimPrefix(field, ".") || strings.HasSuffix(ours, "metadata."+field)
}
