package validate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/validate/policies"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// replacement is an object, what is changed in it, and the field that the API server then refuses to change, "" for none.
type replacement struct{ name, before, after, refused string }

const (
	deployment = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: web}, spec: {replicas: %s, selector: {matchLabels: {app: %s}}, template: {metadata: {labels: {app: %[2]s}}, spec: {containers: [{name: web, image: web:1}]}}}}`
	claim      = `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: web}, spec: {accessModes: [ReadWriteOnce], storageClassName: %s, resources: {requests: {storage: %s}}}}`
	job        = `{apiVersion: batch/v1, kind: Job, metadata: {name: once, namespace: web, labels: {a: %q}}, spec: {template: {spec: {restartPolicy: Never, containers: [{name: once, image: %q}]}}}}`
	set        = `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: web}, spec: {replicas: %s, serviceName: %s, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: db:1}]}}}}`
	service    = `{apiVersion: v1, kind: Service, metadata: {name: web, namespace: web}, spec: {ports: [{port: %s}]%s}}`
	binding    = `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: b, namespace: web}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: %s}}`
	settings   = `{apiVersion: v1, kind: ConfigMap, metadata: {name: s, namespace: web}, immutable: %s, data: {level: %s}}`
	definition = `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: widgets.example.org}, spec: {group: example.org, scope: %s, names: {kind: %s, plural: widgets}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, description: %s}}}]}}`
	class      = `{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: c}, spec: {controllerName: %s}}`
)

var replacements = []replacement{
	{"more replicas", with(deployment, "1", "web"), with(deployment, "2", "web"), ""},
	{"another selector", with(deployment, "1", "web"), with(deployment, "1", "api"), "spec.selector"},
	{"a larger claim", with(claim, "fast", "1Gi"), with(claim, "fast", "2Gi"), ""},
	{"a smaller claim", with(claim, "fast", "2Gi"), with(claim, "fast", "1Gi"), "spec.resources.requests.storage"},
	{"a claim of another class", with(claim, "fast", "1Gi"), with(claim, "slow", "1Gi"), "spec"},
	{"a job with another label", with(job, "1", "a:1"), with(job, "2", "a:1"), ""},
	{"a job with another image", with(job, "1", "a:1"), with(job, "1", "a:2"), "spec.template"},
	{"more replicas of a set", with(set, "1", "db"), with(set, "3", "db"), ""},
	{"a set under another service", with(set, "1", "db"), with(set, "1", "dbs"), "spec.serviceName"},
	{"another port", with(service, "80", ""), with(service, "81", ""), ""},
	{"a service that is reached from outside", with(service, "80", ""), with(service, "80", ", type: LoadBalancer"), ""},
	{"another address", with(service, "80", ", clusterIP: 10.96.0.1"), with(service, "80", ", clusterIP: 10.96.0.2"), "spec.clusterIPs[0]"},
	{"an address that is asked for no more", with(service, "80", ", clusterIP: 10.96.0.1"), with(service, "80", ""), ""},
	{"a service that loses its address", with(service, "80", ""), with(service, "80", ", clusterIP: None"), "spec.clusterIPs[0]"},
	{"a name outside that becomes a service", with(service, "80", ", type: ExternalName, externalName: a.example.org"), with(service, "80", ""), ""},
	{"a service that becomes a name outside", with(service, "80", ""), with(service, "80", ", type: ExternalName, externalName: a.example.org"), ""},
	{"another role", with(binding, "view"), with(binding, "edit"), "roleRef"},
	{"other settings", with(settings, "false", "info"), with(settings, "false", "debug"), ""},
	{"immutable settings", with(settings, "true", "info"), with(settings, "true", "debug"), "data"},
	{"a definition with other words", with(definition, "Cluster", "Widget", "a"), with(definition, "Cluster", "Widget", "b"), ""},
	{"a definition of another scope", with(definition, "Namespaced", "Widget", "a"), with(definition, "Cluster", "Widget", "a"), "spec.scope"},
	{"a definition of another kind", with(definition, "Cluster", "Widget", "a"), with(definition, "Cluster", "Gadget", "a"), "spec.names.kind"},
	{"a transition rule of a definition", with(class, "a.example/b"), with(class, "a.example/c"), "spec.controllerName"},
}

func with(text string, values ...any) string { return fmt.Sprintf(text, values...) }

// TestAnUpdateIsRefusedForTheFieldThatCannotChange pins what kube-apiserver's own strategies and a definition's transition rules say.
func TestAnUpdateIsRefusedForTheFieldThatCannotChange(t *testing.T) {
	verdicts := update(t, replacements)
	for i, each := range replacements {
		fields := []string{}
		for _, found := range verdicts[i].Causes {
			fields = append(fields, found.Field)
		}
		if each.refused == "" && verdicts[i].Verdict != "accepted" {
			t.Errorf("%s: %s %v", each.name, verdicts[i].Verdict, verdicts[i].Causes)
		}
		if each.refused != "" && !slices.Contains(fields, each.refused) {
			t.Errorf("%s: refused for %v, not for %s: %v", each.name, fields, each.refused, verdicts[i].Causes)
		}
	}
}

// TestOfWhatIsRefusedByItselfNoUpdateIsJudged shows that a fault that was there before is none of the update's.
func TestOfWhatIsRefusedByItselfNoUpdateIsJudged(t *testing.T) {
	good, bad := with(deployment, "1", "web"), with(deployment, "-1", "web")
	other := `{apiVersion: v1, kind: ConfigMap, metadata: {name: web, namespace: web}}`
	unknown := `{apiVersion: example.org/v1, kind: Widget, metadata: {name: web}}`
	for _, verdict := range update(t, []replacement{{before: bad, after: good}, {before: good, after: other}, {before: unknown, after: unknown}}) {
		if verdict.Verdict != "no-verdict" {
			t.Errorf("judged: %v", verdict)
		}
	}
}

const growing = `{items: [
 {apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: growing}, spec: {
  matchConstraints: {resourceRules: [
   {apiGroups: [apps], apiVersions: [v1], operations: [UPDATE], resources: [deployments]},
   {apiGroups: [gateway.networking.k8s.io], apiVersions: [v1], operations: [UPDATE], resources: [gatewayclasses]}]},
  validations: [{expression: "!has(object.spec.replicas) || object.spec.replicas >= oldObject.spec.replicas", messageExpression: "'not below ' + string(oldObject.spec.replicas)"},
   {expression: "!has(object.spec.description) || object.spec.description == oldObject.spec.description", message: kept}]}},
 {apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {name: growing}, spec: {policyName: growing, validationActions: [Deny]}}]}`

// TestAPolicySeesWhatAnUpdateReplaces shows that policies on updates are asked with both objects, of custom kinds too, and not where the update is refused.
func TestAPolicySeesWhatAnUpdateReplaces(t *testing.T) {
	list, err := yaml.YAMLToJSON([]byte(growing))
	if err != nil {
		t.Fatal(err)
	}
	judge := admissionJudge(t, nil)
	judge.config.Schemas = []string{bundle}
	given, err := policies.New(list, judge.accept)
	if err != nil {
		t.Fatal(err)
	}
	described := `{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: c}, spec: {controllerName: a.example/b, description: %s}}`
	for name, c := range map[string]struct{ before, after, said, pointer string }{
		"more":                     {with(deployment, "1", "web"), with(deployment, "2", "web"), "", ""},
		"fewer":                    {with(deployment, "3", "web"), with(deployment, "2", "web"), "not below 3", "/spec/replicas"},
		"refused by the registry":  {with(deployment, "3", "web"), with(deployment, "2", "api"), "", ""},
		"a custom kind":            {with(described, "a"), with(described, "b"), "kept", "/spec/description"},
		"a kind that it is not on": {with(set, "3", "db"), with(set, "2", "db"), "", ""},
	} {
		before, _ := yaml.YAMLToJSON([]byte(c.before))
		after, _ := yaml.YAMLToJSON([]byte(c.after))
		said, pointer := "", ""
		for _, each := range judge.updated(before, after, given).Policies {
			said, pointer = each.Message+each.Unknown, each.Pointer
		}
		if said != c.said || pointer != c.pointer {
			t.Errorf("%s: %q at %q", name, said, pointer)
		}
	}
}

func update(t *testing.T, pairs []replacement) []Verdict {
	t.Helper()
	args, _ := json.Marshal(map[string]any{"apply": "server-side", "definitions": []string{}, "namespace": "default"})
	request := wire.Request{Args: args}
	for _, each := range pairs {
		for _, text := range []string{each.before, each.after} {
			body, err := yaml.YAMLToJSON([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			request.Blobs = append(request.Blobs, body)
		}
	}
	result, _, err := Update(context.Background(), &worker.Config{APIServer: worker.APIServer{KubeVersion: "1.37"}, Schemas: []string{bundle}}, request)
	if err != nil {
		t.Fatal(err)
	}
	return result.(map[string]any)["verdicts"].([]Verdict)
}
