package validate

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"testing"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/worker"
)

// recorded are random mutations of good objects, and what a real API server said of each.
const recorded = "../../../../tests/engine/verdicts/recorded.jsonl"

type answer struct {
	Message string   `json:"message"`
	Fields  []string `json:"fields"`
}

// TestWhatARealServerSaidOfMutations demands its verdict for 99 of 100.
func TestWhatARealServerSaidOfMutations(t *testing.T) {
	judges, err := server.Start(worker.APIServer{KubeVersion: "1.37"})
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(recorded)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	counts := map[string]int{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Case          string
			Create, Apply *answer
			Object        json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		for mode, want := range map[cause.Mode]*answer{cause.Create: line.Create, cause.ServerSide: line.Apply} {
			got := (&judge{&worker.Config{}, judges, arguments{Apply: mode, Namespace: "default"}}).object(context.Background(), line.Object)
			var fields *[]string
			if want != nil {
				fields = &want.Fields
			}
			compare(t, counts, line.Case+", "+string(mode), fields, got)
		}
	}
	t.Log(counts)
	if counts["asked"] < 1000 || counts["verdict"]*100 > counts["asked"] || counts["fields"]*100 > 3*counts["rejected"] {
		t.Errorf("too few agree: %v", counts)
	}
}
