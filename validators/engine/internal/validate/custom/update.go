package custom

import (
	"context"
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/worker"
)

// Update says what the API server would answer to an object of a custom kind that takes the place of an older version of it: transition rules among
// the rest. Found is false when there is nothing to say: nothing defines the kind, the two are not of one version, or the older one is refused by
// itself. What is accepted is shown to the reviewer of the context.
func Update(ctx context.Context, config *worker.Config, old, body []byte, digests []string, namespace string) (causes []cause.Cause, found bool) {
	before, after := values(old), values(body)
	if before == nil || after == nil || before["apiVersion"] != after["apiVersion"] || before["kind"] != after["kind"] {
		return nil, false
	}
	apiVersion, _ := after["apiVersion"].(string)
	name, _ := after["kind"].(string)
	kind := schema.FromAPIVersionAndKind(apiVersion, name)
	definition, _, err := lookup(config, kind, digests)
	if err != nil || definition == nil {
		return nil, false
	}
	served, err := definition.served(kind.Version)
	if err != nil || served == nil {
		return nil, false
	}
	refused, known := served.Replace(ctx, server.HeadOf(after), namespace, served.defaulted(before), served.defaulted(after))
	return causesOf(refused, after), known
}

func values(body []byte) (object map[string]any) {
	_ = json.Unmarshal(body, &object) // what is no object stays nil
	return object
}

// defaulted is an object with the defaults of the schema.
func (v *version) defaulted(values map[string]any) runtime.Object {
	object := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(values)}
	defaulter{v}.Default(object)
	return object
}
