package validate

import (
	"testing"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/worker"
)

func TestFluxSendsNoFieldThatTheTypeDoesNotHave(t *testing.T) {
	deployment := func(more string) string {
		return `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{` + more + `"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"x"}]}}}}`
	}
	judges, err := server.Start(worker.APIServer{KubeVersion: "1.37"})
	if err != nil {
		t.Fatal(err)
	}
	judgedAs := func(typed bool, body string) Verdict {
		judge := &judge{&worker.Config{}, judges, arguments{Apply: cause.ServerSide, Namespace: "default", Typed: typed}}
		pods, err := newPodSecurity("1.37", nil)
		if err != nil {
			t.Fatal(err)
		}
		return judge.whole([]byte(body), pods, nil)
	}
	for body, want := range map[string]struct {
		verdict string
		dropped int
	}{
		deployment(``):                            {"accepted", 0},
		deployment(`"replica":3,"Replicas":3,`):   {"accepted", 2},
		deployment(`"replica":3,"replicas":"3",`): {"rejected", 0}, // no type takes the text, so the object stays as it is
		deployment(`"replica":3,"replicas":-1,`):  {"rejected", 1},
		`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"sops":{"mac":"x"}}`:                                                                                {"accepted", 1},
		`{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"a"},"rules":[{"verbs":["get"],"resources":["pods"],"apiGroups":[""],"verb":"x"}]}`: {"rejected", 0},
	} {
		got := judgedAs(true, body)
		if got.Verdict != want.verdict || len(got.Dropped) != want.dropped {
			t.Errorf("%s: %+v", body, got)
		}
	}
	if got := judgedAs(false, deployment(`"replica":3,`)); got.Verdict != "rejected" || len(got.Dropped) > 0 {
		t.Errorf("as Helm sends it: %+v", got)
	}
}
