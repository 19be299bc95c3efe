package unread

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"sigs.k8s.io/yaml"
)

// load makes a chart of files; Chart.yaml is added where it is missing.
func load(t *testing.T, files map[string]string) *chart.Chart {
	t.Helper()
	buffered := []*archive.BufferedFile{}
	if _, given := files["Chart.yaml"]; !given {
		buffered = append(buffered, &archive.BufferedFile{Name: "Chart.yaml", Data: []byte("apiVersion: v2\nname: web\nversion: 1.0.0\n")})
	}
	for name, content := range files {
		buffered = append(buffered, &archive.BufferedFile{Name: name, Data: []byte(content)})
	}
	loaded, err := loader.LoadFiles(buffered)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func unread(t *testing.T, files map[string]string, given string) string {
	t.Helper()
	values := map[string]any{}
	if err := yaml.Unmarshal([]byte(given), &values); err != nil {
		t.Fatal(err)
	}
	return strings.Join(Walk(load(t, files)).Unread(values), " ")
}

// TestTemplates reads {a: {b: {c: 1, x: 1}}, z: 1} with one template; z is never read.
func TestTemplates(t *testing.T) {
	for template, want := range map[string]string{
		``:                                "/a /z",
		`{{ .Values.a.b.c }}`:             "/a/b/x /z",
		`{{ .Values.a.b }}`:               "/z",
		`{{ toYaml .Values.a }}`:          "/z",
		`{{ if .Values.a }}{{ end }}`:     "/z", // only touched: not certain
		`{{ if .Values.a.b.c }}{{ end }}`: "/a/b/x /z",
		`{{ with .Values.a }}{{ .b.c }}{{ end }}`:                "/a/b/x /z",
		`{{ with .Values.a.b }}{{ $.Values.a.b.c }}{{ end }}`:    "/a/b/x /z",
		`{{ with .Values.a }}{{ toYaml . }}{{ end }}`:            "/z",
		`{{ with .Values.a }}{{ include "x" . }}{{ end }}`:       "/z",
		`{{ range $k, $v := .Values.a.b }}{{ $k }}{{ end }}`:     "/z",
		`{{ $v := .Values.a }}{{ $v.b.c }}`:                      "/a/b/x /z",
		`{{ $v := .Values }}{{ $v.a.b.c }}`:                      "/a/b/x /z",
		`{{ $v := .Values.z2 }}{{ $v = .Values.a }}{{ $v.b.c }}`: "/a/b/x /z",
		`{{ index .Values "a" "b" "c" }}`:                        "/a/b/x /z",
		`{{ (index .Values "a").b.c }}`:                          "/a/b/x /z",
		`{{ index .Values.a .Release.Name }}`:                    "/z",
		`{{ get .Values.a "b" | get "c" }}`:                      "/z",
		`{{ dig "b" "c" "default" .Values.a }}`:                  "/a/b/x /z",
		`{{ .Values.AsMap | dig "a" "b" "c" "" }}`:               "/a/b/x /z",
		`{{ if hasKey .Values.a.b "c" }}{{ end }}`:               "/a/b/x /z",
		`{{ if hasKey .Values.a .Release.Name }}{{ end }}`:       "/z",
		`{{ (default dict .Values.a).b.c }}`:                     "/a/b/x /z",
		`{{ (.Values.a | default dict).b.c }}`:                   "/a/b/x /z",
		`{{ (coalesce .Values.q .Values.a).b.c }}`:               "/a/b/x /z",
		`{{ (required "wanted" .Values.a).b.c }}`:                "/a/b/x /z",
		`{{ include "x" .Values.a.b }}`:                          "/z",
		`{{ include "x" (dict "v" .Values.a "ctx" $) }}`:         "/z",
		`{{ template "x" .Values.a }}`:                           "/z",
		`{{ tpl .Values.a.b.c . }}`:                              "/a/b/x /z",
		`{{ tpl "{{ .Values.a.b.c }}" . }}`:                      "/a/b/x /z",
		`{{ tpl (printf "{{ .Values.%s }}" .Release.Name) . }}`:  "",
		`{{ merge (dict) .Values.a }}`:                           "/z",
		`{{ $c := merge (dict) . }}{{ $c.Values.a.b.c }}`:        "/a/b/x /z",
		`{{ toYaml . }}`:                                                            "",
		`{{ toYaml .Values }}`:                                                      "",
		`{{ range .Values }}{{ end }}`:                                              "",
		`{{ $_ := set .Values "q" 1 }}`:                                             "/a /z",
		`{{ .Values.PathValue "a.b" }}`:                                             "",
		`{{ define "d" }}{{ .ctx.Values.a.b.c }}{{ end }}`:                          "/a/b/x /z",
		`{{ define "d" }}{{ (index . 0).Values.a.b.c }}{{ end }}`:                   "/a/b/x /z",
		`{{ define "d" }}{{ $root := index . 0 }}{{ $root.Values.a.b.c }}{{ end }}`: "/a/b/x /z",
	} {
		if got := unread(t, map[string]string{"templates/t.yaml": template}, "{a: {b: {c: 1, x: 1}}, z: 1}"); got != want {
			t.Errorf("%s\n  got  %q\n  want %q", template, got, want)
		}
	}
}

func TestDeclaredKeysAreRead(t *testing.T) {
	files := map[string]string{
		"values.yaml":        "known: {inner: 1, free: {}, list: [], nothing: }\ntemplated: '{{ .Values.fromText }}'\n",
		"values.schema.json": `{"properties": {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}, "map": {"type": "object", "additionalProperties": {"type": "string"}}, "ref": {"$ref": "#/$defs/r"}}, "$defs": {"r": {"properties": {"b": {}}}}}`,
	}
	got := unread(t, files, "{known: {inner: 2, free: {x: 1}, list: {y: 1}, nothing: {z: 1}, odd: 1}, fromText: 1, schema: {a: b, c: d}, map: {k: v}, ref: {b: 1, c: 1}, 'a/b~c': 1}")
	if want := "/a~1b~0c /known/odd /ref/c /schema/c"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTextAmongGivenValuesReads(t *testing.T) {
	files := map[string]string{"templates/t.yaml": "{{ tpl .Values.text . }}"}
	if got := unread(t, files, "{text: 'x {{ .Values.other }}', other: 1, third: 1}"); got != "/third" {
		t.Error(got)
	}
}

func TestSubcharts(t *testing.T) {
	files := map[string]string{
		"Chart.yaml":                    "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- {name: db, version: 1.x, condition: db.enabled}\n- {name: db, version: 1.x, alias: cache}\n- {name: gone, version: 1.x, tags: [t]}\n- {name: lib, version: 1.x, import-values: [data]}\n",
		"charts/db/Chart.yaml":          "apiVersion: v2\nname: db\nversion: 1.0.0\n",
		"charts/db/values.yaml":         "size: 1\n",
		"charts/db/templates/t.yaml":    "{{ .Values.user }}{{ .Values.global.image }}{{ include \"lib.name\" . }}",
		"charts/lib/Chart.yaml":         "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n",
		"charts/lib/templates/_all.tpl": `{{ define "lib.name" }}{{ .Values.nameOverride }}{{ end }}`,
		"templates/t.yaml":              "{{ .Subcharts.db.Values.port }}",
	}
	got := unread(t, files, `{db: {enabled: true, size: 1, user: u, port: 1, nameOverride: n, odd: 1, global: {image: i}}, cache: {user: u, size: 2, odd: 1}, gone: {x: 1},
		global: {image: i, other: 1}, tags: {t: true}, nameOverride: n, lib: {exports: {data: {x: 1}}}, user: 1}`)
	if want := "/cache/odd /db/odd /global/other /user"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAsksForAPIs(t *testing.T) {
	for text, want := range map[string]bool{
		`{{ .Capabilities.APIVersions.Has "x" }}`:        true,
		`{{ $c := .Capabilities }}`:                      true,
		`{{ include "x" (dict "c" $.Capabilities) }}`:    true,
		`{{ .Capabilities.KubeVersion.Minor }}`:          false,
		`{{ .Capabilities.HelmVersion }}{{ .Values.a }}`: false,
	} {
		if got := Walk(load(t, map[string]string{"templates/t.yaml": text})).APIVersions; got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	if !MentionsAPIVersions(map[string]any{"a": []any{"{{ .Capabilities.APIVersions }}"}}) {
		t.Error("a text among the values was overlooked")
	}
}

// TestNeverWrong reads every key of a chart by every means and reports none of them.
func TestNeverWrong(t *testing.T) {
	means := []string{"{{ .Values.%s.x }}", "{{ with .Values.%s }}{{ .x }}{{ end }}", "{{ toYaml .Values.%s }}", "{{ $v := .Values.%s }}{{ $v.x }}",
		"{{ range $k, $e := .Values.%s }}{{ $e }}{{ end }}", "{{ (.Values.%s | default dict).x }}", `{{ index .Values %q "x" }}`, `{{ get .Values %q | toYaml }}`}
	text, given := "", map[string]any{}
	for i, one := range means {
		name := fmt.Sprintf("k%d", i)
		text += fmt.Sprintf(one, name)
		given[name] = map[string]any{"x": 1}
	}
	if got := Walk(load(t, map[string]string{"templates/t.yaml": text})).Unread(given); !slices.Equal(got, []string{}) {
		t.Error(got)
	}
}
