package custom

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/worker"
)

const bundle = "../../../../../schemas/gitops_schemas/crds"

func TestMain(m *testing.M) {
	if _, err := server.Start(worker.APIServer{KubeVersion: "1.37"}); err != nil { // CEL follows the emulated version
		panic(err)
	}
	os.Exit(m.Run())
}

// TestEveryBundledDefinitionCanBeServed holds the bundle to the API server's rules for definitions, CEL included, and to its own index.
func TestEveryBundledDefinitionCanBeServed(t *testing.T) {
	var index map[string]struct {
		File, Scope string
		Versions    []string
	}
	body, err := os.ReadFile(filepath.Join(bundle, "index.json"))
	if err != nil || json.Unmarshal(body, &index) != nil || len(index) < 100 {
		t.Fatal("no index of a hundred kinds", err)
	}
	for name, entry := range index {
		body, err := os.ReadFile(filepath.Join(bundle, entry.File))
		if err != nil {
			t.Fatal(err)
		}
		found, err := read(body)
		if err != nil {
			t.Fatal(name, err)
		}
		if found.crd.Spec.Group+"/"+found.crd.Spec.Names.Kind != name || string(found.crd.Spec.Scope) != entry.Scope {
			t.Errorf("%s is not what the index says of it", entry.File)
		}
		found.unproven = true
		found.crd.Annotations = map[string]string{"api-approved.kubernetes.io": "https://example.org/left-out-of-the-bundle"}
		for _, version := range entry.Versions {
			served, err := found.served(version)
			if err != nil || served == nil {
				t.Errorf("%s of %s cannot be served: %v", version, name, err)
			} else if _, err := served.applier(); err != nil {
				t.Errorf("%s of %s cannot be applied: %v", version, name, err)
			}
		}
	}
}

// TestBundledKinds shows one good and one bad object of a few kinds; what a real server said of hundreds is replayed in package validate.
func TestBundledKinds(t *testing.T) {
	for _, each := range []struct{ object, field string }{
		{`{"apiVersion":"helm.toolkit.fluxcd.io/v2","kind":"HelmRelease","metadata":{"name":"a"},"spec":{"interval":"1m","chartRef":{"kind":"OCIRepository","name":"a"}}}`, ""},
		{`{"apiVersion":"helm.toolkit.fluxcd.io/v2","kind":"HelmRelease","metadata":{"name":"a"},"spec":{"interval":"1m","chartRef":{"kind":"OCIRepository","name":"a"},"releasName":"a"}}`, "spec.releasName"},
		{`{"apiVersion":"kustomize.toolkit.fluxcd.io/v1","kind":"Kustomization","metadata":{"name":"a"},"spec":{"interval":"1m","prune":true,"sourceRef":{"kind":"GitRepository","name":"a"}}}`, ""},
		{`{"apiVersion":"kustomize.toolkit.fluxcd.io/v1","kind":"Kustomization","metadata":{"name":"a"},"spec":{"prune":true,"sourceRef":{"kind":"GitRepository","name":"a"}}}`, "spec.interval"},
		{`{"apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRoute","metadata":{"name":"a"},"spec":{"rules":[{"timeouts":{"request":"10s","backendRequest":"5s"}}]}}`, ""},
		{`{"apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRoute","metadata":{"name":"a"},"spec":{"rules":[{"timeouts":{"request":"5s","backendRequest":"10s"}}]}}`, "spec.rules[0].timeouts"},
	} {
		for _, mode := range []cause.Mode{cause.Create, cause.ServerSide} {
			causes, _, origin, found, err := Judge(context.Background(), &worker.Config{Schemas: []string{bundle}}, []byte(each.object), mode, nil, "default")
			if err != nil || !found || origin != "bundle" {
				t.Fatal(each.object, origin, found, err)
			}
			if (each.field == "") != (len(causes) == 0) || len(causes) > 0 && causes[0].Field != each.field {
				t.Errorf("%s, %s: %+v instead of %q", each.object, mode, causes, each.field)
			}
		}
	}
}

func TestNothingDefinesAKind(t *testing.T) {
	for _, kind := range []string{`"apiVersion":"example.org/v1","kind":"Nothing"`, `"apiVersion":"../v1","kind":"../../index"`, `"kind":"Nothing"`, `"apiVersion":7,"kind":[]`} {
		_, _, _, found, err := Judge(context.Background(), &worker.Config{Schemas: []string{bundle}}, []byte("{"+kind+"}"), cause.Create, nil, "default")
		if found || err != nil {
			t.Error(kind, found, err)
		}
	}
}

func TestAVersionThatIsNotServed(t *testing.T) {
	causes, _, _, found, err := Judge(context.Background(), &worker.Config{Schemas: []string{bundle}}, []byte(`{"apiVersion":"helm.toolkit.fluxcd.io/v2beta1","kind":"HelmRelease"}`), cause.Create, nil, "default")
	if err != nil || !found || len(causes) != 1 || !strings.Contains(causes[0].Message, `no matches for kind "HelmRelease" in version "helm.toolkit.fluxcd.io/v2beta1", it is served as helm.toolkit.fluxcd.io/v2`) {
		t.Error(causes, found, err)
	}
}

// The bundle holds one release of each product; a cluster that runs another may serve what it does not.
func TestAVersionThatTheBundledReleaseDoesNotServeIsNotKnown(t *testing.T) {
	body := []byte(`{"apiVersion":"external-secrets.io/v1beta1","kind":"ExternalSecret","metadata":{"name":"a"}}`)
	causes, _, _, found, err := Judge(context.Background(), &worker.Config{Schemas: []string{bundle}}, body, cause.Create, nil, "default")
	if err != nil || found || len(causes) != 1 || !strings.Contains(causes[0].Message, "it is served as external-secrets.io/v1 in the release that is known here") {
		t.Error(causes, found, err)
	}
}
