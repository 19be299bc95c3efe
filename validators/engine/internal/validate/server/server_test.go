package server

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/worker"
)

func judge(t *testing.T, text string, mode cause.Mode) Verdict {
	t.Helper()
	server, err := Start(worker.APIServer{KubeVersion: "1.37"})
	if err != nil {
		t.Fatal(err)
	}
	body, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	object, err := NewObject(body)
	if err != nil {
		t.Fatal(err)
	}
	verdict, known := server.Judge(context.Background(), object, mode, "default")
	if !known {
		t.Fatal("the kind is not known")
	}
	return verdict
}

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web:1}]}
`

func fields(verdict Verdict) string {
	var names []string
	for _, cause := range verdict.Causes {
		names = append(names, cause.Field)
	}
	return strings.Join(names, " ")
}

func TestAGoodObjectIsAcceptedBothWays(t *testing.T) {
	for _, mode := range []cause.Mode{cause.Create, cause.ServerSide} {
		if verdict := judge(t, deployment, mode); verdict.Causes != nil {
			t.Errorf("%s: %+v", mode, verdict.Causes)
		}
	}
}

func TestTheFieldThatTheServerNames(t *testing.T) {
	for _, c := range []struct{ from, to, create, apply string }{
		{"replicas: 1", "replicas: -1", "spec.replicas", "spec.replicas"},
		{"replicas: 1", "replicaz: 1", "spec.replicaz", "spec.replicaz"},
		{"replicas: 1", "replicas: many", "spec.replicas", "spec.replicas"},
		{"labels: {app: web}", "labels: {app: other}", "spec.template.metadata.labels", "spec.template.metadata.labels"},
		{"name: web, image", "name: W!, image", "spec.template.spec.containers[0].name", "spec.template.spec.containers[0].name"},
		{"image: web:1", "image: web:1, env: [{name: A}, {name: A}]", "", `spec.template.spec.containers[name="web"].env`},
		{"image: web:1", "image: web:1, prots: []", "spec.template.spec.containers[0].prots", `spec.template.spec.containers[name="web"].prots`},
		{"name: web}", "name: Web_}", "metadata.name", "metadata.name"},
	} {
		text := strings.Replace(deployment, c.from, c.to, 1)
		if got := fields(judge(t, text, cause.Create)); got != c.create {
			t.Errorf("%s, create: got %q, want %q", c.to, got, c.create)
		}
		if got := fields(judge(t, text, cause.ServerSide)); got != c.apply {
			t.Errorf("%s, apply: got %q, want %q", c.to, got, c.apply)
		}
	}
}

func TestAllUndeclaredFieldsAreNamed(t *testing.T) {
	text := strings.Replace(deployment, "image: web:1", "image: web:1, c: 1, b: {}, env: [{name: A}, {name: A}], ports: [{port: 1, containerPort: 80}]", 1)
	verdict := judge(t, strings.Replace(text, "replicas: 1", "a: 1", 1), cause.ServerSide)
	const containers = `spec.template.spec.containers[name="web"]`
	want := []string{"spec.a", containers + ".b", containers + ".c", containers + ".env", containers + `.ports[containerPort=80,protocol="TCP"].port`}
	if got := fields(verdict); got != strings.Join(want, " ") {
		t.Errorf("%s instead of %s", got, want)
	}
}

func TestThePlaceOfAValueThatDoesNotFit(t *testing.T) {
	for _, c := range []struct{ to, field, pointer string }{
		{`image: web:1, ports: [{containerPort: 80}, {containerPort: "81"}]`, "spec.template.spec.containers.ports.containerPort", "/spec/template/spec/containers/0/ports/1/containerPort"},
		{`image: web:1, resources: {limits: {memory: 1Gb}}`, "spec.template.spec.containers[0].resources.limits[memory]", "/spec/template/spec/containers/0/resources/limits/memory"},
		{`image: web:1, env: {A: b}`, "spec.template.spec.containers.env", "/spec/template/spec/containers/0/env"},
		{`image: web:1, livenessProbe: {httpGet: {port: {}}}`, "spec.template.spec.containers.livenessProbe.ProbeHandler.httpGet.port", "/spec/template/spec/containers/0/livenessProbe/httpGet/port"},
	} {
		verdict := judge(t, strings.Replace(deployment, "image: web:1", c.to, 1), cause.Create)
		if len(verdict.Causes) != 1 || verdict.Causes[0].Field != c.field || verdict.Causes[0].Pointer != c.pointer {
			t.Errorf("%s: %+v", c.to, verdict.Causes)
		}
	}
}

func TestEveryServedKindCanBeAskedFor(t *testing.T) {
	server, err := Start(worker.APIServer{KubeVersion: "1.37"})
	if err != nil {
		t.Fatal(err)
	}
	if server.kinds[schema.GroupVersionKind{Version: "v1", Kind: "Pod"}] == nil {
		t.Error("no pods")
	}
	for kind := range server.kinds {
		version, name := kind.ToAPIVersionAndKind()
		for _, mode := range []cause.Mode{cause.Create, cause.ServerSide} {
			judge(t, "apiVersion: "+version+"\nkind: "+name+"\nmetadata: {name: x}\n", mode)
		}
	}
}

// TestWhatIsServed compares with the discovery of a real kube-apiserver 1.37: what can be created, and where. A Binding cannot: its pod is not there.
func TestWhatIsServed(t *testing.T) {
	server, err := Start(worker.APIServer{KubeVersion: "1.37"})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../../../../tests/engine/cases/served.txt")
	if err != nil {
		t.Fatal(err)
	}
	var served []string
	for kind, found := range server.kinds {
		scope := map[bool]string{true: "namespaced", false: "cluster"}[found.Namespaced]
		served = append(served, fmt.Sprintf("%s %s %s", kind.GroupVersion(), kind.Kind, scope))
	}
	slices.Sort(served)
	want := strings.Split(strings.TrimSpace(string(text)), "\n")
	slices.Sort(want)
	if !slices.Equal(served, want) {
		t.Errorf("served:\n%s\ninstead of:\n%s", strings.Join(served, "\n"), strings.Join(want, "\n"))
	}
}

func TestThousandsOfFaultsAreBounded(t *testing.T) {
	for name, text := range map[string]string{
		"containers": "containers: [" + strings.Repeat("{name: A!},", 20000) + "]",
		"envs":       "containers: [{name: web, image: web, env: [" + strings.Repeat("{name: A},", 20000) + "]}]",
		"unknown":    "containers: [" + strings.Repeat("{nam: A!},", 20000) + "]",
		"long":       "containers: [{name: web, image: web}], hostname: " + strings.Repeat("A!", 50000),
	} {
		for _, mode := range []cause.Mode{cause.Create, cause.ServerSide} {
			start := time.Now()
			verdict := judge(t, strings.Replace(deployment, "containers: [{name: web, image: web:1}]", text, 1), mode)
			said, _ := json.Marshal(verdict)
			if took := time.Since(start); took > 5*time.Second || len(said) > 1<<20 {
				t.Errorf("%s, %s: %d bytes, %s", name, mode, len(said), took)
			}
		}
	}
}

func TestEveryRegistryIsBounded(t *testing.T) {
	server, err := Start(worker.APIServer{KubeVersion: "1.37"})
	if err != nil {
		t.Fatal(err)
	}
	for kind, found := range server.kinds {
		store := storeOf(reflect.ValueOf(found.Registry))
		if store == nil {
			t.Logf("%s has no store", kind) // reviews are answered, not stored
			continue
		}
		if _, is := store.CreateStrategy.(bounded); !is {
			t.Errorf("%s is not bounded", kind)
		}
	}
}

func TestVersionsThatAreGone(t *testing.T) {
	for _, c := range []struct{ version, kind, since, replacement string }{
		{"extensions/v1beta1", "Ingress", "1.22", "networking.k8s.io/v1 Ingress"},
		{"batch/v1beta1", "CronJob", "1.25", "batch/v1 CronJob"},
		{"policy/v1beta1", "PodSecurityPolicy", "1.25", ""},
		{"networking.k8s.io/v1beta1", "IngressClass", "1.22", "networking.k8s.io/v1 IngressClass"},
		{"events.k8s.io/v1beta1", "Event", "1.25", "events.k8s.io/v1 Event"},
		{"flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", "1.26", "flowcontrol.apiserver.k8s.io/v1 FlowSchema"},
		{"autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.26", "autoscaling/v2 HorizontalPodAutoscaler"},
		{"resource.k8s.io/v1beta1", "ResourceClaim", "", ""}, // there, but off by default
		{"apps/v3", "Deployment", "", ""},
	} {
		verdict := judge(t, "apiVersion: "+c.version+"\nkind: "+c.kind+"\nmetadata: {name: x}\n", cause.Create)
		if len(verdict.Causes) != 1 || !strings.HasPrefix(verdict.Causes[0].Message, "no matches for kind") {
			t.Errorf("%s: %+v", c.kind, verdict.Causes)
		}
		if (verdict.Removed == nil) != (c.since == "") || verdict.Removed != nil && (verdict.Removed.Replacement != c.replacement || verdict.Removed.Since != c.since) {
			t.Errorf("%s: %+v", c.kind, verdict.Removed)
		}
	}
}

func TestAKindThatIsNoneIsToldByItsVersionOrByItself(t *testing.T) {
	for _, c := range []struct{ version, kind, pointer, meant string }{
		{"batch/v1", "Cronjob", "/kind", "did you mean CronJob?"},
		{"apps/v1", "Deployments", "/kind", "did you mean Deployment?"},
		{"apps/v1", "Something", "/kind", ""},
		{"apps/v3", "Deployment", "/apiVersion", "it is served as apps/v1"},
	} {
		verdict := judge(t, "apiVersion: "+c.version+"\nkind: "+c.kind+"\nmetadata: {name: x}\n", cause.Create)
		if len(verdict.Causes) != 1 || verdict.Causes[0].Pointer != c.pointer || !strings.HasSuffix(verdict.Causes[0].Message, c.meant) {
			t.Errorf("%s: %+v", c.kind, verdict.Causes)
		}
	}
}

func TestASecretsValueIsNotQuoted(t *testing.T) {
	for _, text := range []string{
		"type: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: hunter2}",
		"data: {password: 'hunter2 !'}",
		"data: {password: {hunter2: hunter2}}",
		"data: {password: [hunter2]}",
		"stringData: {password: {a: hunter2}}",
		"stringData: {password: 7007007}",
		"stringData: [hunter2]",
		"data: hunter2",
		`data: {password: ["a\nfoo: hunter2"]}`,
	} {
		for _, mode := range []cause.Mode{cause.Create, cause.ServerSide} {
			verdict := judge(t, "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"+text+"\n", mode)
			said, _ := json.Marshal(verdict)
			if len(verdict.Causes) == 0 || strings.Contains(string(said), "hunter2") || strings.Contains(string(said), "7007007") {
				t.Errorf("%s, %s: %s", text, mode, said)
			}
		}
	}
}

func BenchmarkCreate(b *testing.B) { bench(b, cause.Create) }

func BenchmarkApply(b *testing.B) { bench(b, cause.ServerSide) }

func bench(b *testing.B, mode cause.Mode) {
	server, err := Start(worker.APIServer{KubeVersion: "1.37"})
	if err != nil {
		b.Fatal(err)
	}
	body, _ := yaml.YAMLToJSON([]byte(deployment))
	for b.Loop() {
		object, err := NewObject(body)
		if err != nil {
			b.Fatal(err)
		}
		if verdict, _ := server.Judge(context.Background(), object, mode, "default"); verdict.Causes != nil {
			b.Fatal(verdict.Causes)
		}
	}
}
