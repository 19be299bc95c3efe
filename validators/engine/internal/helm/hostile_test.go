package helm

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTemplateFailures(t *testing.T) {
	for template, want := range map[string][2]string{
		"a: {{ .Values.x.y.z }}\n":            {"nil pointer", "1"},
		"\n\n{{ fail \"told you\" }}":         {"told you", "3"},
		"{{ required \"give x\" .Values.x }}": {"give x", "1"},
		"{{ if }}":                            {"missing value", "1"},
		"a: b\n{{ unknownFunction }}":         {"unknownFunction", "2"},
		"{{ env \"HOME\" }}":                  {"env", "1"},
		"{{ expandenv \"$HOME\" }}":           {"expandenv", "1"},
		"{{ repeat 100000000 \"ab\" }}":       {"refused", "1"},
		"{{ until 50000000 }}":                {"refused", "1"},
		"{{ randAlpha 50000000 }}":            {"refused", "1"},
		"{{ define \"r\" }}{{ include \"r\" . }}{{ end }}{{ include \"r\" . }}": {"nested reference", "1"},
		"kind: A\n  bad: [":                {"parsing web/templates/bad.yaml", "2"},
		"kind: A\nb:\n  - c: 1\n   d: 2\n": {"did not find expected", "3"},
		"{{ if true }}\na: b\n":            {"unexpected EOF", "2"},
		"- a\n- b\n":                       {"", "0"},
		"just text":                        {"", "0"},
	} {
		b := newBench(t)
		b.write("charts/web", files{"templates/bad.yaml": template}.chart())
		got := b.render(release(""), nil)
		if got.Failure == nil {
			t.Errorf("%q rendered", template)
			continue
		}
		if !strings.Contains(got.Failure.Message, want[0]) || want[1] != "0" && (fmt.Sprint(got.Failure.Line) != want[1] || got.Failure.Field != "web/templates/bad.yaml" || got.Failure.Path != "charts/web/templates/bad.yaml") {
			t.Errorf("%q: %+v", template, *got.Failure)
		}
	}
}

func TestNothingIsReached(t *testing.T) {
	b := newBench(t)
	t.Setenv("CANARY", "flew")
	b.write("charts/web", files{
		"templates/c.yaml": configMap + "  host: '{{ getHostByName \"localhost\" }}'\n  looked: '{{ lookup \"v1\" \"Secret\" \"\" \"\" }}'\n  file: '{{ .Files.Get \"/etc/passwd\" }}{{ .Files.Get \"../../secret\" }}'\n  tpl: '{{ tpl .Values.t . }}'\n",
		"values.yaml":      "t: '{{ .Files.Get \"/etc/hostname\" }}x'\n",
	}.chart())
	b.write("", files{"secret": "s"})
	if got := b.data(""); fmt.Sprint(got) != "map[file: host: looked:map[] tpl:x]" {
		t.Error(got)
	}
	b.write("charts/web", files{"values.schema.json": `{"$ref": "file:///etc/passwd"}`})
	b.fails("chart-load", "web/values.schema.json", "not part of the chart", "", nil)
}

func TestHostileFolders(t *testing.T) {
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "Chart.yaml"), []byte(chartYAML), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Chart.lock", "Chart.yaml", "charts", "templates"} {
		b := newBench(t)
		b.write("charts/web", files{"values.yaml": "a: 1\n"}.chart())
		path := filepath.Join(b.root, "charts/web", name)
		_ = os.RemoveAll(path)
		if err := os.Symlink(filepath.Join(outside, "Chart.yaml"), path); err != nil {
			t.Fatal(err)
		}
		b.fails("outside-path", "", "outside", "", nil)
	}
	b := newBench(t)
	b.write("charts/web", files{"templates/c.yaml": configMap + "  a: b\n"}.chart())
	if err := os.Symlink("..", filepath.Join(b.root, "charts/web/loop")); err != nil {
		t.Fatal(err)
	}
	b.fails("chart-load", "", "too many levels", "", nil)
	b.write("charts/web", files{".helmignore": "loop\n"})
	if got := b.data(""); got["a"] != "b" {
		t.Error("an ignored folder was read")
	}
	for _, name := range []string{"..", ".", "a/b", ""} {
		b.write("charts/web", files{"Chart.yaml": "apiVersion: v2\nname: '" + name + "'\nversion: 1.0.0\n"})
		b.fails("chart-load", "", "", "", nil)
	}
	b.fails("outside-path", "", "outside", "", map[string]any{"chart": map[string]any{"folder": "../x"}})
	b.fails("chart-load", "", "", "", map[string]any{"chart": map[string]any{"folder": "none"}})
}

func TestSecretsStayHidden(t *testing.T) {
	b := newBench(t)
	b.write("charts/web", files{
		"templates/c.yaml":   "{{ fail (printf \"%s and %s\" .Values.password (.Values.inner.token | b64enc)) }}",
		"values.schema.json": `{"properties": {"inner": {"properties": {"mode": {"enum": ["a"]}}}}}`,
	}.chart())
	secret := "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {values.yaml: '{password: hunter2hunter2, inner: {token: tok-tok-tok, mode: a}}'}}"
	got := b.fails("helm-render", "web/templates/c.yaml", "<hidden> and <hidden>", "  valuesFrom: [{kind: Secret, name: s}]\n", nil, secret)
	if text := fmt.Sprint(got.Failure.Message); strings.Contains(text, "hunter2") {
		t.Error(text)
	}
	broken := "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {values.yaml: 'hunter2hunter2'}}"
	if got := b.render(release("  valuesFrom: [{kind: Secret, name: s}]\n"), nil, broken); got.Failure == nil || strings.Contains(got.Failure.Message, "hunter2") {
		t.Errorf("%+v", got.Failure)
	}
}

func TestAliasBombs(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for letter := 'b'; letter < 'k'; letter++ {
		bomb += fmt.Sprintf("%c: &%c [%s*%c]\n", letter, letter, strings.Repeat(fmt.Sprintf("*%c,", letter-1), 8), letter-1)
	}
	head := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
	for text, want := range map[string]string{head + bomb: "aliases are expanded", head + "data: &d {x: *d}\n": ""} {
		b := newBench(t)
		b.write("charts/web", files{"templates/c.yaml": text}.chart())
		b.fails("post-render", "/spec/postRenderers", want, "", nil)
		if got := b.render(release(""), map[string]any{"postRender": false}); got.Failure == nil {
			t.Error("rendered without post-renderers")
		}
	}
	b := newBench(t)
	b.write("charts/web", files{"templates/c.yaml": head + "data: &d {x: y}\nbinaryData: *d\n", "values.yaml": bomb, "crds/c.yaml": "x: 1\n"}.chart())
	b.fails("chart-load", "", "excessive aliasing", "", nil)
	b.write("charts/web", files{"values.yaml": "", "crds/c.yaml": bomb})
	b.fails("helm-render", "web/crds/c.yaml", "excessive aliasing", "", nil)
	b.write("charts/web", files{"crds/c.yaml": "x: 1\n"})
	if got := b.data(""); got["x"] != "y" {
		t.Error(got)
	}
	patch, _ := json.Marshal(head + bomb)
	b.fails("post-render", "/spec/postRenderers", "aliases are expanded", "  postRenderers: [{kustomize: {patches: [{patch: "+string(patch)+"}]}}]\n", nil)
}

func TestOddCharts(t *testing.T) {
	for _, more := range []string{
		"dependencies: [null]", "dependencies: [{name: db}]", "dependencies: [{}]", "dependencies: {a: b}", "dependencies: [{name: db, version: 1.x, import-values: [1, {child: 2}, null, x]}]",
		"dependencies: [{name: db, version: 1.x, condition: '...,,x'}]", "dependencies: [{name: db, version: 1.x, alias: ../x}]", "kubeVersion: nonsense", "type: odd", "annotations: [1]", "version: x",
		"dependencies: [{name: db, version: 1.x, repository: 'file://../../../../etc'}]", "dependencies: [{name: db, version: 1.x}, {name: db, version: 1.x}]", "icon: 1", "apiVersion: v9", "maintainers: [null]",
	} {
		for _, values := range []string{"db: {x: 1}", "db: 1", "global: 1", "- a", "db: null", "a: &a [*a]", "1: 2"} {
			b := newBench(t)
			b.write("charts/web", files{"Chart.yaml": chartYAML + more + "\n", "values.yaml": values, "charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n", "charts/db/templates/c.yaml": configMap + "  a: b\n", "values.schema.json": "{}"})
			_ = b.render(release("  values: {db: {y: {}}}\n"), nil) // a result, whatever it says, and no panic
			_ = b.render(release("  values: [1]\n  valuesFrom: [{kind: Secret, name: x, targetPath: 'a[9999999999]'}]\n"), nil, "{kind: Secret, metadata: {name: x}, data: {values.yaml: eA==}}")
		}
	}
}
