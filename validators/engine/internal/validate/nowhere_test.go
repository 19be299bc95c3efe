package validate

import (
	"context"
	"testing"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/worker"
)

// Recorded of kustomize-controller 1.9.5: "ConfigMap/a namespace not specified: the server could not find the requested resource".
func TestAnObjectThatNamesNoNamespaceGoesNowhereWhereNothingGivesItOne(t *testing.T) {
	judges, err := server.Start(worker.APIServer{KubeVersion: "1.37"})
	if err != nil {
		t.Fatal(err)
	}
	config := &worker.Config{Schemas: []string{bundle}}
	for body, want := range map[string]string{
		`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}`:                                              "metadata.namespace",
		`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":""}}`:                               "metadata.namespace",
		`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"b"}}`:                              "",
		`{"apiVersion":"source.toolkit.fluxcd.io/v1","kind":"GitRepository","metadata":{"name":"a"},"spec":{}}`:       "metadata.namespace",
		`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}`:                                              "",
		`{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"a"}}`:                  "",
		`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"replicas":"not read by then"}}`: "metadata.namespace",
	} {
		judge := &judge{config, judges, arguments{Apply: cause.ServerSide, Namespace: "default", Explicit: true}}
		got := judge.object(context.Background(), []byte(body))
		if field := fieldOf(got); field != want {
			t.Errorf("%s: %+v", body, got)
		}
		judge.Explicit = false
		if field := fieldOf(judge.object(context.Background(), []byte(body))); field == "metadata.namespace" {
			t.Errorf("%s: not put into the given namespace", body)
		}
	}
}

func fieldOf(verdict Verdict) string {
	if len(verdict.Causes) == 0 {
		return ""
	}
	return verdict.Causes[0].Field
}
