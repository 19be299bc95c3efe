package validate

import (
	"context"
	"testing"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/worker"
)

func TestAdminAccessToDevicesNeedsALabelOfTheNamespace(t *testing.T) {
	judges, err := server.Start(worker.APIServer{KubeVersion: "1.37"})
	if err != nil {
		t.Fatal(err)
	}
	claim := []byte(`{"apiVersion":"resource.k8s.io/v1","kind":"ResourceClaim","metadata":{"name":"a","namespace":"team"},
		"spec":{"devices":{"requests":[{"name":"a","exactly":{"deviceClassName":"a.example","adminAccess":true}}]}}}`)
	for want, namespaces := range map[string]map[string]map[string]string{
		"rejected": {"team": {}},
		"accepted": {"team": {"resource.kubernetes.io/admin-access": "true"}},
	} {
		got := (&judge{&worker.Config{}, judges, arguments{Apply: cause.ServerSide, Namespace: "default", Namespaces: namespaces}}).object(context.Background(), claim)
		if got.Verdict != want || want == "rejected" && got.Causes[0].Field != "spec.devices.requests[0].adminAccess" {
			t.Errorf("%v: %+v", namespaces, got)
		}
	}
	unknown := (&judge{&worker.Config{}, judges, arguments{Apply: cause.ServerSide, Namespace: "default"}}).object(context.Background(), claim)
	if unknown.Verdict != "accepted" {
		t.Errorf("a namespace that is not known: %+v", unknown)
	}
}
