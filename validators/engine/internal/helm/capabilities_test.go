package helm

import (
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/util/version"

	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/worker"
)

// What is read from the typed client, for servers with defaults, is what the registries of such a server say.
func TestBothWaysToDiscoverAgree(t *testing.T) {
	judges, err := server.Start(worker.APIServer{KubeVersion: "1.36"})
	if err != nil {
		t.Fatal(err)
	}
	usual := served(version.MajorMinor(1, 36))
	built := switched(usual, judges)
	for _, set := range [][]string{usual, built} {
		slices.Sort(set)
	}
	if usual, built := slices.Compact(usual), slices.Compact(built); !slices.Equal(usual, built) {
		t.Errorf("the client has %v\nthe registries have %v", usual, built)
	}
}
