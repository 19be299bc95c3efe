package helm

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestValues(t *testing.T) {
	b := newBench(t)
	b.write("charts/web", files{
		"values.yaml":         "a: default\nb: default\nc: default\nd: default\n",
		"values-prod.yaml":    "b: prod\n",
		"templates/data.yaml": configMap + "{{- range $k, $v := .Values }}\n  {{ $k }}: {{ $v | toString | quote }}\n{{- end }}",
	}.chart())
	objects := []string{
		"{apiVersion: v1, kind: ConfigMap, metadata: {name: cm}, data: {values.yaml: 'b: map', other.yaml: 'c: other'}}",
		"{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {password: 'x,y=z'}}",
	}
	got := b.data(`
  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: r}, valuesFiles: [charts/web/values.yaml, charts/web/values-prod.yaml, gone.yaml], ignoreMissingValuesFiles: true}}
  valuesFrom:
  - {kind: ConfigMap, name: cm}
  - {kind: ConfigMap, name: cm, valuesKey: other.yaml}
  - {kind: Secret, name: s, valuesKey: password, targetPath: d, literal: true}
  - {kind: ConfigMap, name: missing, optional: true}
  values: {c: inline}
`, objects...)
	if want := map[string]any{"a": "default", "b": "map", "c": "inline", "d": "x,y=z"}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	b.fails("values-file", "/spec/chart/spec/valuesFiles/0", "gone.yaml", "  chart: {spec: {chart: c, sourceRef: {kind: GitRepository, name: r}, valuesFiles: [gone.yaml]}}\n", nil)
	b.fails("values-from", "/spec/valuesFrom/1", "missing", "  valuesFrom: [{kind: ConfigMap, name: cm}, {kind: Secret, name: missing}]\n", nil, objects...)
	b.fails("values-from", "/spec/valuesFrom/0", "key", "  valuesFrom: [{kind: ConfigMap, name: cm, valuesKey: none}]\n", nil, objects...)
}

func TestValuesFilesOfAnArchive(t *testing.T) {
	b := newBench(t)
	name, digest := b.pack(files{
		"values.yaml":         "a: default\nb: default\n",
		"values-prod.yaml":    "b: prod\n",
		"templates/data.yaml": configMap + "  a: {{ .Values.a }}\n  b: {{ .Values.b }}\n  v: {{ .Chart.Version }}\n",
	}.chart())
	more := map[string]any{"chart": map[string]any{"archive": name, "digest": digest, "version": "0.3.1+0123456789ab"}}
	got := b.render(release("  chart: {spec: {chart: web, sourceRef: {kind: HelmRepository, name: r}, valuesFiles: [values.yaml, values-prod.yaml]}}\n"), more)
	if got.Failure != nil {
		t.Fatal(got.Failure)
	}
	if data := got.bodies[0]["data"]; fmt.Sprint(data) != "map[a:default b:prod v:0.3.1+0123456789ab.1]" {
		t.Error(data)
	}
	if got.Chart != (identity{"web", "0.3.1+0123456789ab.1", digest}) || !slices.Equal(got.ValuesFiles, []string{"values.yaml", "values-prod.yaml"}) {
		t.Errorf("%+v %v", got.Chart, got.ValuesFiles)
	}
}

func TestVersionWithValuesFiles(t *testing.T) {
	for version, want := range map[string]string{"1.2.3": "1.2.3+1", "v1.2.3+own": "1.2.3+1", "odd": "odd"} {
		if got := generated(version, false); got != want {
			t.Errorf("%s became %s", version, got)
		}
	}
	if got := generated("1.2.3+0123456789ab", true); got != "1.2.3+0123456789ab.1" {
		t.Error(got)
	}
}

func TestSchema(t *testing.T) {
	b := newBench(t)
	b.write("charts/web", files{
		"Chart.yaml":                   chartYAML + "dependencies:\n- {name: db, version: 1.x}\n",
		"values.schema.json":           `{"type": "object", "required": ["must"], "properties": {"port": {"type": "integer"}, "far": {"$ref": "https://schemas.example.org/x.json"}, "closed": {"additionalProperties": false, "properties": {"a": {}}}}}`,
		"charts/db/Chart.yaml":         "apiVersion: v2\nname: db\nversion: 1.2.0\n",
		"charts/db/values.schema.json": `{"properties": {"size": {"anyOf": [{"type": "string"}, {"type": "boolean"}]}}}`,
	})
	got := b.fails("values-schema", "", "must", "  values: {port: eighty, closed: {b: 1}, db: {size: 3}, far: anything}\n", nil)
	var fields []string
	for _, one := range got.Problems {
		fields = append(fields, one.Field)
	}
	if !slices.Equal(fields, []string{"", "/closed/b", "/db/size", "/port"}) {
		t.Errorf("%q", fields)
	}
	if !slices.Equal(got.SchemaReferences, []string{"https://schemas.example.org/x.json"}) {
		t.Errorf("%q", got.SchemaReferences)
	}
	if off := b.render(release("  install: {disableSchemaValidation: true}\n"), nil); off.Failure != nil {
		t.Error(off.Failure)
	}
}

// Charts of bjw-s name places in documents of their library, one of them relative to an $id.
func TestAPlaceInASchemaElsewhereAllowsEverything(t *testing.T) {
	b := newBench(t)
	b.write("charts/web", files{
		"Chart.yaml": chartYAML,
		"values.schema.json": `{"$id": "https://schemas.example.org/web/values.json", "properties": {
			"pod": {"$ref": "https://schemas.example.org/pod.json#/$defs/a~1b"},
			"svc": {"$ref": "parts/service.json#/options"},
			"port": {"type": "integer"}}}`,
	})
	if got := b.render(release("  values: {pod: 1, svc: [], port: 80}\n"), nil); got.Failure != nil || len(got.SchemaReferences) != 2 {
		t.Error(got.Failure, got.SchemaReferences)
	}
	b.fails("values-schema", "/port", "want integer", "  values: {port: eighty}\n", nil)
}

func TestOfManyFaultsTheSameIsFirst(t *testing.T) {
	b := newBench(t)
	text := `{"minLength": 1}`
	b.write("charts/web", files{
		"Chart.yaml":           chartYAML + "dependencies:\n- {name: db, version: 1.x}\n",
		"values.schema.json":   `{"additionalProperties": false, "properties": {"db": {}, "global": {}, "d": ` + text + `, "c": ` + text + `, "e": {"anyOf": [{"properties": {"y": {"minLength": 2}, "x": ` + text + `}}]}}}`,
		"charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.2.0\n",
	})
	for range 20 {
		got := b.fails("values-schema", "/a", "additional property 'a'", "  values: {e: {x: '', y: ''}, d: '', c: '', b: 1, a: 1}\n", nil)
		var said []string
		for _, one := range got.Problems {
			said = append(said, one.Field)
		}
		if last := got.Problems[len(got.Problems)-1].Message; !slices.Equal(said, []string{"/a", "/b", "/c", "/d", "/e"}) || !strings.HasSuffix(last, "want 1") {
			t.Fatalf("%q, %s", said, last)
		}
	}
}

func TestUnusedValues(t *testing.T) {
	b := newBench(t)
	b.write("charts/web", files{"values.yaml": "a: 1\n", "templates/c.yaml": configMap + "  a: {{ .Values.b.c | quote }}\n"}.chart())
	got := b.render(release("  valuesFrom: [{kind: ConfigMap, name: cm}]\n  values: {a: 2, b: {c: 1, d: 2}}\n"), nil, "{apiVersion: v1, kind: ConfigMap, metadata: {name: cm}, data: {values.yaml: 'e: {f: 1}'}}")
	if !slices.Equal(got.UnusedValues, []string{"/b/d", "/e"}) {
		t.Error(got.UnusedValues, got.Failure)
	}
}

func TestUnusedValuesOfLocalDependencies(t *testing.T) {
	b := newBench(t)
	b.write("charts/web", files{"Chart.yaml": chartYAML + "dependencies:\n- {name: common, version: 1.x, repository: 'file://../common'}\n", "templates/c.yaml": `{{ include "common.cm" . }}`, "values-x.yaml": "text: '{{ .Values.fromFile }}'\n"})
	b.write("charts/common", files{"Chart.yaml": "apiVersion: v2\nname: common\nversion: 1.0.0\ntype: library\n", "templates/_c.tpl": `{{ define "common.cm" }}` + configMap + "  a: '{{ .Values.read }}'\n{{ end }}"})
	for range 2 {
		got := b.render(release("  values: {read: 1, unread: 1}\n"), nil)
		if !slices.Equal(got.UnusedValues, []string{"/unread"}) {
			t.Error(got.UnusedValues, got.Failure)
		}
	}
	got := b.render(release("  chart: {spec: {chart: c, sourceRef: {kind: GitRepository, name: r}, valuesFiles: [charts/web/values-x.yaml]}}\n  values: {read: 1, unread: 1, fromFile: 1}\n"), nil)
	if !slices.Equal(got.UnusedValues, []string{"/unread"}) {
		t.Error(got.UnusedValues, got.Failure)
	}
}
