package asking

import (
	"maps"
	"slices"
	"testing"

	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
)

func TestWhatCallsLookupItselfOrThroughAnotherTemplateAsks(t *testing.T) {
	texts := map[string]string{
		"templates/_helpers.tpl": `{{ define "address" }}{{ (index (lookup "v1" "Endpoints" "default" "kubernetes").subsets 0).ip }}{{ end }}` +
			`{{ define "labels" }}app: a{{ end }}{{ define "outer" }}{{ if .Values.a }}{{ include "address" . | nindent 4 }}{{ end }}{{ end }}`,
		"templates/calls.yaml":    `{{ range $at, $of := (lookup "v1" "Pod" "" "").items }}{{ $of }}{{ end }}`,
		"templates/includes.yaml": `a: {{- include "outer" . }}`,
		"templates/template.yaml": `a: {{ template "address" . }}`,
		"templates/plain.yaml":    `a: {{ include "labels" . }} # lookup`,
		"templates/broken.yaml":   `{{ lookup `,
		"templates/itself.yaml":   `{{ define "loop" }}{{ include "loop" . }}{{ end }}{{ include "loop" . }}`,
	}
	chrt := &chart.Chart{Metadata: &chart.Metadata{Name: "web"}}
	for name, text := range texts {
		chrt.Templates = append(chrt.Templates, &common.File{Name: name, Data: []byte(text)})
	}
	inner := &chart.Chart{Metadata: &chart.Metadata{Name: "db"}, Templates: []*common.File{{Name: "templates/a.yaml", Data: []byte(`{{ template "address" }}`)}}}
	chrt.AddDependency(inner)
	want := []string{"web/charts/db/templates/a.yaml", "web/templates/calls.yaml", "web/templates/includes.yaml", "web/templates/template.yaml"}
	if got := slices.Sorted(maps.Keys(Templates(chrt))); !slices.Equal(got, want) {
		t.Errorf("%q instead of %q", got, want)
	}
}
