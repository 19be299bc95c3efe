package custom

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// widget judges an object of the kind that uses everything; see tests/engine/verdicts/custom.
func widget(t *testing.T, object string, mode cause.Mode) (causes []cause.Cause, warnings []string) {
	t.Helper()
	text, err := os.ReadFile("../../../../../tests/engine/verdicts/custom/definitions/widget.yaml")
	if err != nil {
		t.Fatal(err)
	}
	body, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	args, _ := json.Marshal(map[string]string{"digest": "widget"})
	if _, _, err := Define(context.Background(), &worker.Config{}, wire.Request{Args: args, Blobs: [][]byte{body}}); err != nil {
		t.Fatal(err)
	}
	causes, warnings, origin, found, err := Judge(context.Background(), &worker.Config{}, []byte(object), mode, []string{"widget"}, "default")
	if err != nil || !found || origin != "repository" {
		t.Fatal(origin, found, err)
	}
	return causes, warnings
}

// TestDeprecatedVersions has the words of a real server.
func TestDeprecatedVersions(t *testing.T) {
	for version, want := range map[string][]string{
		"v1":       nil,
		"v1beta1":  {"gitops.example.org/v1beta1 Widget: use v1"},
		"v1alpha2": {"gitops.example.org/v1alpha2 Widget is deprecated; use gitops.example.org/v1 Widget"},
	} {
		for _, mode := range []cause.Mode{cause.Create, cause.ServerSide} {
			causes, warnings := widget(t, `{"apiVersion":"gitops.example.org/`+version+`","kind":"Widget","metadata":{"name":"w"},"spec":{"size":"small"}}`, mode)
			if len(causes) > 0 || !slices.Equal(warnings, want) {
				t.Errorf("%s: %q %+v", version, warnings, causes)
			}
		}
	}
}

// TestWhereTheServerNamesNoField reads the field out of its message.
func TestWhereTheServerNamesNoField(t *testing.T) {
	for _, each := range []struct{ object, field, pointer string }{
		{`"metadata":[],"spec":{"size":"small"}`, "metadata", "/metadata"},
		{`"metadata":{"name":"w","labels":{"a":1}},"spec":{"size":"small"}`, "metadata.labels", "/metadata/labels"},
		{`"metadata":{"name":"w"},"spec":{"size":"small","template":{"apiVersion":"v1","kind":"Pod","metadata":{"labels":[]}}}`, "spec.template.metadata.labels", "/spec/template/metadata/labels"},
		{`"metadata":{"name":"w"},"spec":{"size":"small","template":{"apiVersion":"v1","kind":"Pod","metadata":1}}`, "spec.template.metadata", "/spec/template/metadata"},
		{`"metadata":{"name":"w"},"spec":{"size":"small","exactly":{"a":"x","b":"y"}}`, "spec.exactly", "/spec/exactly"},
		{`"metadata":{"name":"w"},"spec":{"size":"small","neither":{"a":"x"}}`, "spec.neither", "/spec/neither"},
		{`"metadata":{"name":"w"},"spec":{"size":"small","replicas":3000000000}`, "spec.replicas", "/spec/replicas"},
		{`"metadata":{"name":"w"},"spec":{"size":"small","replicas":2.0}`, "spec.replicas", "/spec/replicas"},
		{`"metadata":{"name":"w"},"spec":{"size":"small","text":"abc","text":"abd"}`, "spec.text", "/spec/text"},
	} {
		causes, _ := widget(t, `{"apiVersion":"gitops.example.org/v1","kind":"Widget",`+each.object+`}`, cause.Create)
		if len(causes) == 0 || causes[0].Field != each.field || causes[0].Pointer != each.pointer {
			t.Errorf("%s: %+v", each.object, causes)
		}
	}
}
