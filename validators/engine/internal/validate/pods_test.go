package validate

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

const (
	plainPods = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: %NS%}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: web, image: web:1}]}}}}`
	rootless  = `{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: %NS%}, spec: {securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, containers: [{name: web, image: web:1, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]}}`
	hostPods  = `{apiVersion: batch/v1, kind: CronJob, metadata: {name: web, namespace: %NS%}, spec: {schedule: "@daily", jobTemplate: {spec: {template: {spec: {hostNetwork: true, restartPolicy: Never, containers: [{name: web, image: web:1}]}}}}}}`
)

// TestPodsAreHeldToTheLevelsOfTheirNamespace pins what Pod Security's own evaluator says.
func TestPodsAreHeldToTheLevelsOfTheirNamespace(t *testing.T) {
	label := "pod-security.kubernetes.io/"
	pods, err := newPodSecurity("1.36", map[string]map[string]string{
		"strict": {label + "enforce": "restricted"},
		"middle": {label + "enforce": "baseline", label + "warn": "restricted"},
		"open":   {label + "enforce": "privileged"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range []struct{ object, namespace, enforce, warn string }{
		{plainPods, "strict", "allowPrivilegeEscalation != false", "seccompProfile"}, // what is enforced is warned of too, of whatever makes pods
		{plainPods, "middle", "", "seccompProfile"},
		{plainPods, "open", "", ""},
		{plainPods, "unknown", "", ""},
		{rootless, "strict", "", ""},
		{hostPods, "middle", "host namespaces", "host namespaces"},
		{`{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: %NS%}}`, "strict", "", ""},
		{`{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: %NS%}, spec: 7}`, "strict", "", ""},
	} {
		body, err := yaml.YAMLToJSON([]byte(strings.ReplaceAll(each.object, "%NS%", each.namespace)))
		if err != nil {
			t.Fatal(err)
		}
		found := pods.of(body, "default")
		if found == nil {
			found = &Pods{}
		}
		for _, said := range []struct {
			violation *Violation
			words     string
		}{{found.Enforce, each.enforce}, {found.Warn, each.warn}} {
			if (said.violation != nil) != (said.words != "") || said.violation != nil && !strings.Contains(said.violation.Detail, said.words) {
				t.Errorf("%s in %s: %+v, not %q", each.object[:40], each.namespace, said.violation, said.words)
			}
		}
	}
}
