package validate

import (
	"context"
	"encoding/json"
	"slices"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"

	"gitops-validate/engine/internal/validate/policies"
	"gitops-validate/engine/internal/validate/server"
)

// templates are where workloads hold the pods that controllers make of them, and what owns these.
var templates = map[string]struct {
	route []string
	owner string
}{
	"apps/v1/Deployment":       {[]string{"spec", "template"}, "ReplicaSet"},
	"apps/v1/ReplicaSet":       {[]string{"spec", "template"}, "ReplicaSet"},
	"apps/v1/StatefulSet":      {[]string{"spec", "template"}, "StatefulSet"},
	"apps/v1/DaemonSet":        {[]string{"spec", "template"}, "DaemonSet"},
	"batch/v1/Job":             {[]string{"spec", "template"}, "Job"},
	"batch/v1/CronJob":         {[]string{"spec", "jobTemplate", "spec", "template"}, "Job"},
	"v1/ReplicationController": {[]string{"spec", "template"}, "ReplicationController"},
}

// suffix is what controllers and the server add to the name of a workload, or something like it.
const suffix = "-5d4f8c7b9"

// pods has policies review the pods of an accepted workload, whose own creation they may let pass: refused pods never appear.
func (j *judge) pods(body []byte, set *policies.Set) (decisions []policies.Decision) {
	if !set.Matches("pods") {
		return nil
	}
	object, err := server.NewObject(body)
	if err != nil {
		return nil
	}
	where, is := templates[object.Head.APIVersion+"/"+object.Head.Kind]
	if !is {
		return nil
	}
	pod, is := find(object.Values(), where.route).(map[string]any)
	if !is {
		return nil
	}
	written, err := json.Marshal(j.pod(object, pod, where.owner))
	if err != nil {
		return nil
	}
	j.object(server.WithReviewer(context.Background(), func(attributes admission.Attributes, interfaces admission.ObjectInterfaces) {
		decisions = set.Review(policies.Accepted{Attributes: attributes, ObjectInterfaces: interfaces})
	}), written)
	for i := range decisions {
		decisions[i].Pods = true
		decisions[i].Field = policies.Path(where.route) + decisions[i].Field
	}
	return decisions
}

// pod is one as a controller would create it, with what the default admission plugins add that policies often ask for.
func (j *judge) pod(object *server.Object, template map[string]any, owner string) map[string]any {
	pod := runtime.DeepCopyJSON(template)
	metadata, _ := pod["metadata"].(map[string]any)
	if metadata == nil {
		metadata = map[string]any{}
	}
	namespace, name := object.Head.Namespace, object.Head.Name
	if namespace == "" {
		namespace = j.Namespace
	}
	version := object.Head.APIVersion
	metadata["name"], metadata["generateName"], metadata["namespace"] = name+suffix, name+"-", namespace
	metadata["ownerReferences"] = []any{map[string]any{"apiVersion": version, "kind": owner, "name": name, "uid": "00000000-0000-0000-0000-000000000000", "controller": true}}
	if spec, is := pod["spec"].(map[string]any); is {
		if spec["serviceAccountName"] == nil && spec["serviceAccount"] == nil {
			spec["serviceAccountName"] = "default"
		}
	}
	pod["apiVersion"], pod["kind"], pod["metadata"] = "v1", "Pod", metadata
	return pod
}

func find(values any, route []string) any {
	for _, step := range route {
		fields, _ := values.(map[string]any)
		values = fields[step]
	}
	return values
}

// beside leaves the decisions on pods that nothing says of the workload itself.
func beside(decisions, ofPods []policies.Decision) []policies.Decision {
	for _, each := range ofPods {
		if !slices.ContainsFunc(decisions, func(other policies.Decision) bool {
			return !other.Pods && other.Policy == each.Policy && other.Binding == each.Binding
		}) {
			decisions = append(decisions, each)
		}
	}
	return decisions
}
