package validate

import (
	"context"
	"testing"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/worker"
)

func TestAServiceMayHaveEachFamilyThatSomeClusterHas(t *testing.T) {
	judges, err := server.Start(worker.APIServer{KubeVersion: "1.37"})
	if err != nil {
		t.Fatal(err)
	}
	for spec, want := range map[string]string{
		`"ipFamilies":["IPv6"]`: "accepted",
		`"ipFamilies":["IPv6","IPv4"],"ipFamilyPolicy":"RequireDualStack"`: "accepted",
		`"ipFamilyPolicy":"RequireDualStack"`:                              "accepted",
		`"clusterIP":"fd12::10"`:                                           "accepted",
		`"clusterIP":"10.43.0.10"`:                                         "accepted",
		`"ipFamilies":["IPv6"],"clusterIP":"10.43.0.10"`:                   "rejected",
		`"ipFamilies":["IPv6","IPv4"],"ipFamilyPolicy":"SingleStack"`:      "rejected",
		`"ipFamilies":["ipv6"]`:                                            "rejected",
	} {
		body := `{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"ports":[{"port":80}],` + spec + `}}`
		got := (&judge{&worker.Config{}, judges, arguments{Apply: cause.ServerSide, Namespace: "default"}}).object(context.Background(), []byte(body))
		if got.Verdict != want {
			t.Errorf("%s: %+v", spec, got)
		}
	}
}
