package validate

import (
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
	"gitops-validate/engine/internal/validate/custom"
	"gitops-validate/engine/internal/validate/policies"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// admissions are policies and objects, and what a real API server said of each: tests/engine/admission/*.yaml.
const admissions = "../../../../tests/engine/admission"

// TestWhatARealServerSaidOfPolicies holds each object of each case to what was recorded: the start of the server's words, or nothing.
func TestWhatARealServerSaidOfPolicies(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(admissions, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) { admissionCase(t, file) })
	}
}

// admissionObject is an object under review, and what is expected: `denied` and `warned` are messages, `unknown` why there is no verdict.
type admissionObject struct {
	Object  json.RawMessage `json:"object"`
	Denied  []string        `json:"denied"`
	Warned  []string        `json:"warned"`
	Unknown string          `json:"unknown"`
	Pointer string          `json:"pointer"`
	Types   []string        `json:"types"`
}

func admissionCase(t *testing.T, file string) {
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var given struct {
		Definitions []json.RawMessage `json:"definitions"`
		Items       []json.RawMessage `json:"items"`
		Objects     []admissionObject `json:"objects"`
	}
	if err := yaml.Unmarshal(body, &given); err != nil {
		t.Fatal(err)
	}
	judge := admissionJudge(t, given.Definitions)
	list, _ := json.Marshal(map[string]any{"items": given.Items})
	set, err := policies.New(list, judge.accept)
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range given.Objects {
		said := judge.whole(each.Object, nil, set)
		var denied, warned []string
		unknown, pointer := "", ""
		for _, decision := range said.Policies {
			unknown, pointer = decision.Unknown, decision.Pointer
			if slices.Contains(decision.Actions, "Deny") && unknown == "" {
				denied = append(denied, decision.Message)
			}
			if slices.Contains(decision.Actions, "Warn") && unknown == "" {
				warned = append(warned, decision.Message)
			}
		}
		var types []string
		for _, each := range said.Mismatches {
			types = append(types, fmt.Sprintf("%s: %s", each.Pointer, each.Message))
		}
		if !slices.Equal(types, each.Types) {
			t.Errorf("%s: types %q", file, types)
		}
		if !slices.Equal(denied, each.Denied) || !slices.Equal(warned, each.Warned) || unknown != each.Unknown || pointer != each.Pointer {
			t.Errorf("%s: %s: denied %q, warned %q, unknown %q at %q, causes %v", file, each.Object, denied, warned, unknown, pointer, said.Causes)
		}
	}
}

func admissionJudge(t *testing.T, definitions []json.RawMessage) *judge {
	t.Helper()
	judges, err := server.Start(worker.APIServer{KubeVersion: "1.37"})
	if err != nil {
		t.Fatal(err)
	}
	var digests []string
	for i, definition := range definitions {
		digests = append(digests, fmt.Sprintf("%s-%d", t.Name(), i))
		args, _ := json.Marshal(map[string]string{"digest": digests[i]})
		if _, _, err := custom.Define(context.Background(), &worker.Config{}, wire.Request{Args: args, Blobs: wire.Blobs{definition}}); err != nil {
			t.Fatal(err)
		}
	}
	return &judge{&worker.Config{APIServer: worker.APIServer{KubeVersion: "1.37"}}, judges, arguments{Apply: cause.ServerSide, Namespace: "default", Definitions: digests}}
}
