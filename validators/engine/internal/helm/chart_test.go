package helm

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestArchiveIsHashedAtEachUse(t *testing.T) {
	b := newBench(t)
	name, digest := b.pack(files{"templates/c.yaml": configMap + "  a: b\n"}.chart())
	more := map[string]any{"chart": map[string]any{"archive": name, "digest": digest}}
	if got := b.render(release(""), more); got.Failure != nil {
		t.Fatal(got.Failure)
	}
	if err := os.WriteFile(filepath.Join(b.charts, name), packed(t, "web", files{}.chart()), 0o600); err != nil {
		t.Fatal(err)
	}
	b.fails("digest-mismatch", "", digest, "", more)
	for _, hostile := range []string{"../" + name, "/etc/passwd", "."} {
		b.fails("chart-load", "", "", "", map[string]any{"chart": map[string]any{"archive": hostile}})
	}
}

func TestSubcharts(t *testing.T) {
	b := newBench(t)
	b.write("charts/web", files{
		"Chart.yaml":                   chartYAML + "dependencies:\n- {name: db, version: 1.x, condition: db.enabled, import-values: [exported]}\n- {name: db, version: 1.x, alias: second, tags: [more]}\n- {name: gone, version: 1.x, condition: gone.enabled}\n",
		"values.yaml":                  "db: {enabled: true}\ntags: {more: true}\ngone: {enabled: false}\n",
		"templates/c.yaml":             configMap + "  imported: {{ .Values.color }}\n",
		"charts/db/Chart.yaml":         "apiVersion: v2\nname: db\nversion: 1.2.0\n",
		"charts/db/values.yaml":        "size: 1\nexports: {exported: {color: green}}\n",
		"charts/db/templates/db.yaml":  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Chart.Name }}'}\ndata: {size: '{{ .Values.size }}', g: '{{ .Values.global.g }}'}\n",
		"charts/gone/Chart.yaml":       "apiVersion: v2\nname: gone\nversion: 1.0.0\n",
		"charts/gone/templates/x.yaml": "{{ fail \"disabled\" }}",
	})
	got := b.render(release("  values: {db: {size: 5}, global: {g: x}}\n"), nil)
	if got.Failure != nil {
		t.Fatal(got.Failure)
	}
	var seen []string
	for i, body := range got.bodies {
		seen = append(seen, fmt.Sprint(got.Objects[i].Name, body["data"], got.Objects[i].Origin.Template))
	}
	slices.Sort(seen)
	want := []string{"app map[imported:green] web/templates/c.yaml", "db map[g:x size:5] web/charts/db/templates/db.yaml", "second map[g:x size:1] web/charts/second/templates/db.yaml"}
	for i := range want {
		want[i] = strings.Replace(want[i], " map", "map", 1)
		want[i] = strings.Replace(want[i], "] ", "]", 1)
	}
	if !slices.Equal(seen, want) {
		t.Errorf("got %q", seen)
	}
}

func TestDependencyOfAFolder(t *testing.T) {
	b := newBench(t)
	b.write("charts/web", files{"Chart.yaml": chartYAML + "dependencies:\n- {name: common, version: 1.x, repository: 'file://../common'}\n", "templates/c.yaml": `{{ include "common.cm" . }}`})
	b.write("charts/common", files{"Chart.yaml": "apiVersion: v2\nname: common\nversion: 1.0.0\ntype: library\n", "templates/_c.tpl": `{{ define "common.cm" }}` + configMap + "  a: b\n{{ end }}"})
	if got := b.data(""); got["a"] != "b" {
		t.Error(got)
	}
	b.write("charts/web", files{"Chart.yaml": chartYAML + "dependencies:\n- {name: redis, version: 1.x, repository: 'https://charts.example.org'}\n"})
	b.fails("missing-dependency", "redis", "helm dependency build charts/web", "", nil)
	b.write("charts/web", files{"Chart.yaml": chartYAML + "dependencies:\n- {name: redis, version: 1.x, repository: 'https://charts.example.org', condition: redis.enabled}\n", "templates/c.yaml": configMap + "  a: c\n"})
	if got := b.data("  values: {redis: {enabled: false}}\n"); got["a"] != "c" {
		t.Error(got)
	}
	b.fails("missing-dependency", "redis", "", "  values: {redis: {enabled: true}}\n", nil)
	b.write("charts/web", files{"Chart.yaml": chartYAML + "dependencies:\n- {name: common, version: 2.x, repository: 'file://../common'}\n"})
	b.fails("missing-dependency", "common", "does not satisfy", "", nil)
}

func BenchmarkSmallChart(t *testing.B) {
	root := t.TempDir()
	b := &bench{t: &testing.T{}, root: root, charts: root, version: "1.36"}
	b.write("charts/web", files{
		"values.yaml":      "replicas: 1\n",
		"templates/c.yaml": configMap + "  a: b\n",
		"templates/d.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  replicas: {{ .Values.replicas }}\n  template:\n    spec:\n      containers: [{name: c, image: 'nginx:1'}]\n",
		"templates/s.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}\n",
	}.chart())
	for t.Loop() {
		if got := b.render(release("  values: {replicas: 2}\n"), nil); got.Failure != nil {
			t.Fatal(got.Failure)
		}
	}
}
