package validate

import (
	"context"
	"encoding/json"
	"testing"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

const mixed = `
{apiVersion: v1, kind: ConfigMap, metadata: {name: good}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: Bad_}}
---
{apiVersion: v1, kind: Pod, metadata: {name: warned}, spec: {nodeSelector: {beta.kubernetes.io/os: linux}, containers: [{name: a, image: b}]}}
---
{apiVersion: nobody.example/v1, kind: Thing, metadata: {name: custom}}
---
{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: Bad_}}]}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.things.example}
spec:
  group: things.example
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
---
{apiVersion: v1, kind: Service, metadata: {name: good}, spec: {ports: [{port: 80}]}}
`

// TestWhatIsInOrderIsOnlyCounted demands of each other document its body, and its verdict if it can have one yet.
func TestWhatIsInOrderIsOnlyCounted(t *testing.T) {
	request := wire.Request{Args: []byte(`{"names": ["a.yaml", "b.yaml"], "apply": "create", "namespace": "default"}`), Blobs: [][]byte{[]byte(mixed), []byte("a: [\n")}}
	result, blobs, err := Manifests(context.Background(), &worker.Config{APIServer: worker.APIServer{KubeVersion: "1.37"}}, request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		Files []struct {
			Documents []struct {
				Index, Blob int
				Kind        string
				Verdict     *Verdict
			}
			Problems []struct{ Reason string }
			Accepted int
		}
	}
	if err := json.Unmarshal(body, &said); err != nil {
		t.Fatal(err)
	}
	read, broken := said.Files[0], said.Files[1]
	if read.Accepted != 2 || len(broken.Documents) != 0 || len(broken.Problems) != 1 || broken.Problems[0].Reason != "yaml-syntax" {
		t.Fatalf("%s", body)
	}
	wanted := map[int]string{1: "rejected", 2: "accepted", 3: "", 4: "", 5: "accepted"}
	for _, document := range read.Documents {
		verdict := ""
		if document.Verdict != nil {
			verdict = document.Verdict.Verdict
		}
		var object struct{ Kind string }
		if err := json.Unmarshal(blobs[document.Blob], &object); err != nil || object.Kind != document.Kind || verdict != wanted[document.Index] {
			t.Errorf("document %d, a %s: %q (%v)", document.Index, document.Kind, verdict, err)
		}
		delete(wanted, document.Index)
	}
	if len(wanted) > 0 {
		t.Errorf("missing: %v", wanted)
	}
}
