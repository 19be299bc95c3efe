package helm

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// bench is a checkout and a chart cache to render from.
type bench struct {
	t       *testing.T
	root    string
	charts  string
	version string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return &bench{t, t.TempDir(), t.TempDir(), "1.36"}
}

// files maps paths to contents.
type files map[string]string

const chartYAML = "apiVersion: v2\nname: web\nversion: 0.3.1\nappVersion: '2'\n"

const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n"

func (f files) chart() files {
	if _, given := f["Chart.yaml"]; !given {
		f["Chart.yaml"] = chartYAML
	}
	return f
}

func (b *bench) write(folder string, all files) {
	b.t.Helper()
	for name, content := range all {
		path := filepath.Join(b.root, folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			b.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
}

// pack puts an archive into the cache and returns its name and digest.
func (b *bench) pack(all files) (name, digest string) {
	b.t.Helper()
	content := packed(b.t, "web", all)
	sum := fmt.Sprintf("%x", sha256.Sum256(content))
	if err := os.WriteFile(filepath.Join(b.charts, sum+".tgz"), content, 0o600); err != nil {
		b.t.Fatal(err)
	}
	return sum + ".tgz", "sha256:" + sum
}

func packed(t *testing.T, folder string, all files) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	archive := tar.NewWriter(zipped)
	for name, content := range all {
		if err := archive.WriteHeader(&tar.Header{Name: folder + "/" + name, Mode: 0o644, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		_, _ = archive.Write([]byte(content))
	}
	_ = archive.Close()
	_ = zipped.Close()
	return out.Bytes()
}

// answer is a result with its objects read.
type answer struct {
	result
	bodies []map[string]any
}

// render asks for a release that is written as YAML; more adds further arguments, and objects those that valuesFrom may name.
func (b *bench) render(release string, more map[string]any, objects ...string) answer {
	b.t.Helper()
	args := map[string]any{"root": b.root, "chart": map[string]any{"folder": "charts/web"}}
	blobs := [][]byte{}
	given := []map[string]any{}
	for i, text := range objects {
		body, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			b.t.Fatal(err)
		}
		var head struct {
			Kind     string
			Metadata struct{ Name string }
		}
		_ = json.Unmarshal(body, &head)
		blobs = append(blobs, body)
		given = append(given, map[string]any{"kind": head.Kind, "name": head.Metadata.Name, "blob": i})
	}
	args["values_from"] = given
	body, err := yaml.YAMLToJSON([]byte(release))
	if err != nil {
		b.t.Fatal(err)
	}
	args["release"] = json.RawMessage(body)
	for name, value := range more {
		args[name] = value
	}
	raw, err := json.Marshal(args)
	if err != nil {
		b.t.Fatal(err)
	}
	config := &worker.Config{Roots: []string{b.root}, Charts: b.charts, KubeVersion: b.version}
	got, out, err := Render(context.Background(), config, wire.Request{Op: "helm", Args: raw, Blobs: blobs})
	if err != nil {
		b.t.Fatal(err)
	}
	reply := answer{result: got.(result)}
	for _, one := range reply.Objects {
		var fields map[string]any
		if err := json.Unmarshal(out[one.Blob], &fields); err != nil {
			b.t.Fatal(err)
		}
		reply.bodies = append(reply.bodies, fields)
	}
	return reply
}

// release is a HelmRelease with a spec, indented by two.
func release(spec string) string {
	return "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: app, namespace: apps}\nspec:\n  interval: 1h\n" + spec
}

// data renders one ConfigMap and returns its data.
func (b *bench) data(spec string, objects ...string) map[string]any {
	b.t.Helper()
	got := b.render(release(spec), nil, objects...)
	if got.Failure != nil {
		b.t.Fatalf("%+v", *got.Failure)
	}
	data, _ := got.bodies[0]["data"].(map[string]any)
	return data
}

func (a answer) labels(i int) map[string]any {
	labels, _ := a.bodies[i]["metadata"].(map[string]any)["labels"].(map[string]any)
	return labels
}

func (a answer) annotations(i int) map[string]any {
	annotations, _ := a.bodies[i]["metadata"].(map[string]any)["annotations"].(map[string]any)
	return annotations
}

// fails renders and returns the failure's reason and field; it must say want.
func (b *bench) fails(reason, field, want, spec string, more map[string]any, objects ...string) answer {
	b.t.Helper()
	got := b.render(release(spec), more, objects...)
	switch {
	case got.Failure == nil:
		b.t.Fatalf("no failure, want %s", reason)
	case got.Failure.Reason != reason || got.Failure.Field != field || !strings.Contains(got.Failure.Message, want):
		b.t.Errorf("got  %+v\nwant %s, %q, …%s…", *got.Failure, reason, field, want)
	case len(got.Objects) > 0:
		b.t.Error("objects beside a failure")
	}
	return got
}

func TestObjectsAreWhatTheClusterGets(t *testing.T) {
	b := newBench(t)
	b.write("charts/web", files{
		"templates/all.yaml":  configMap + "  version: {{ .Chart.Version }}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n---\n# nothing\n---\napiVersion: example.org/v1\nkind: Thing\nmetadata: {name: t}\n",
		"templates/job.yaml":  "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: hook\n  annotations: {helm.sh/hook: 'pre-install,post-upgrade', helm.sh/hook-weight: '-5'}\n",
		"templates/NOTES.txt": "Hello {{ .Release.Name }}",
		"crds/thing.yaml":     "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.org}\nspec: {group: example.org, scope: Namespaced, names: {kind: Thing}, versions: [{name: v1, served: true}]}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: stray}\n",
	}.chart())
	got := b.render(release("  targetNamespace: target\n"), nil)
	if got.Failure != nil {
		t.Fatal(got.Failure.Message)
	}
	var seen []string
	for _, one := range got.Objects {
		seen = append(seen, fmt.Sprintf("%s %s/%s %s crd=%v hooks=%v %d defaulted=%v", one.Kind, one.Namespace, one.Name, one.Origin.Template, one.CRD, one.Hooks, one.HookWeight, one.NamespaceDefaulted))
	}
	want := []string{
		"CustomResourceDefinition /things.example.org web/crds/thing.yaml crd=true hooks=[] 0 defaulted=false",
		"Job target/hook web/templates/job.yaml crd=false hooks=[pre-install post-upgrade] -5 defaulted=true",
		"Namespace /n web/templates/all.yaml crd=false hooks=[] 0 defaulted=false",
		"ConfigMap target/target-app web/templates/all.yaml crd=false hooks=[] 0 defaulted=true",
		"Thing target/t web/templates/all.yaml crd=false hooks=[] 0 defaulted=true",
	}
	if !slices.Equal(seen, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(seen, "\n"), strings.Join(want, "\n"))
	}
	for i := range got.bodies {
		if got.labels(i)["helm.toolkit.fluxcd.io/name"] != "app" || got.labels(i)["helm.toolkit.fluxcd.io/namespace"] != "apps" {
			t.Errorf("%s has no owner: %v", seen[i], got.labels(i))
		}
		helms := got.labels(i)["app.kubernetes.io/managed-by"] == "Helm" && got.annotations(i)["meta.helm.sh/release-name"] == "target-app" && got.annotations(i)["meta.helm.sh/release-namespace"] == "target"
		if helms != (i > 1) {
			t.Errorf("%s: Helm's own metadata: %v", seen[i], helms)
		}
	}
}

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
	if data := got.bodies[0]["data"]; fmt.Sprint(data) != "map[a:default b:prod v:0.3.1+0123456789ab]" {
		t.Error(data)
	}
	if got.Chart != (identity{"web", "0.3.1+0123456789ab", digest}) || !slices.Equal(got.ValuesFiles, []string{"values.yaml", "values-prod.yaml"}) {
		t.Errorf("%+v %v", got.Chart, got.ValuesFiles)
	}
}

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

func TestRepeatable(t *testing.T) {
	b := newBench(t)
	b.write("charts/web", files{
		"templates/s.yaml": "{{ $ca := genCA \"x\" 365 }}apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  p: {{ randAlphaNum 10 | b64enc }}\n  t: {{ now | toString | b64enc }}\n  c: {{ $ca.Cert | b64enc }}\n",
	}.chart())
	first, again := b.render(release(""), nil), b.render(release(""), nil)
	if first.Failure != nil || fmt.Sprint(first.bodies) != fmt.Sprint(again.bodies) {
		t.Errorf("%v\n%v\n%v", first.Failure, first.bodies, again.bodies)
	}
	other := b.render(release("  releaseName: other\n"), nil)
	if other.bodies[0]["data"].(map[string]any)["p"] != first.bodies[0]["data"].(map[string]any)["p"] {
		t.Error("the seed is the HelmRelease, not Helm's name for it")
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
	slices.Sort(fields)
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

func TestKubernetesVersion(t *testing.T) {
	b := newBench(t)
	template := configMap + "  v: {{ .Capabilities.KubeVersion.Version }}-{{ .Capabilities.KubeVersion.Minor }}\n" +
		"{{- range list \"policy/v1\" \"policy/v1/PodDisruptionBudget\" \"policy/v1beta1\" \"resource.k8s.io/v1\" \"monitoring.coreos.com/v1\" \"example.org/v1/Thing\" \"apiextensions.k8s.io/v1/CustomResourceDefinition\" }}\n  {{ . | replace \"/\" \"_\" }}: '{{ $.Capabilities.APIVersions.Has . }}'\n{{- end }}\n"
	b.write("charts/web", files{
		"templates/c.yaml": template,
		"crds/thing.yaml":  "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.org}\nspec: {group: example.org, names: {kind: Thing}, versions: [{name: v1, served: true}]}\n",
	}.chart())
	for version, resource := range map[string]string{"1.36": "true", "v1.33.0": "false"} {
		b.version = version
		got := b.render(release(""), map[string]any{"api_versions": []string{"monitoring.coreos.com/v1"}})
		if got.Failure != nil {
			t.Fatal(got.Failure)
		}
		data := got.bodies[len(got.bodies)-1]["data"].(map[string]any)
		want := map[string]any{"v": "v" + strings.TrimPrefix(version, "v") + map[bool]string{true: ".0"}[version == "1.36"] + "-" + strings.Split(version, ".")[1],
			"policy_v1": "true", "policy_v1_PodDisruptionBudget": "true", "policy_v1beta1": "false", "resource.k8s.io_v1": resource,
			"monitoring.coreos.com_v1": "true", "example.org_v1_Thing": "true", "apiextensions.k8s.io_v1_CustomResourceDefinition": "true"}
		if fmt.Sprint(data) != fmt.Sprint(want) || !got.UsesAPIVersions {
			t.Errorf("%s\ngot  %v\nwant %v", version, data, want)
		}
	}
	b.write("charts/web", files{"Chart.yaml": chartYAML + "kubeVersion: '>=1.40.0-0'\n"})
	b.fails("kube-version", ">=1.40.0-0", "incompatible", "", nil)
}

func TestPostRenderers(t *testing.T) {
	b := newBench(t)
	b.write("charts/web", files{
		"templates/d.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  template:\n    spec:\n      containers: [{name: c, image: 'nginx:1'}]\n",
		"templates/h.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: h, annotations: {helm.sh/hook: test}}\nspec: {containers: [{name: c, image: 'nginx:1'}]}\n",
	}.chart())
	spec := `
  commonMetadata: {labels: {team: a, helm.toolkit.fluxcd.io/name: wrong}, annotations: {note: b}}
  postRenderers:
  - kustomize:
      images: [{name: nginx, newTag: '2'}]
      patches: [{target: {kind: Deployment}, patch: '[{"op": "add", "path": "/spec/replicas", "value": 3}]'}]
`
	got := b.render(release(spec), nil)
	if got.Failure != nil {
		t.Fatal(got.Failure)
	}
	text := fmt.Sprint(got.bodies)
	if strings.Count(text, "nginx:2") != 2 || !strings.Contains(text, "replicas:3") || got.labels(1)["team"] != "a" || got.annotations(0)["note"] != "b" || got.labels(0)["helm.toolkit.fluxcd.io/name"] != "app" {
		t.Error(text)
	}
	if !slices.Equal(got.Objects[0].Hooks, []string{"test"}) || got.Objects[0].Origin.Template != "web/templates/h.yaml" {
		t.Errorf("%+v", got.Objects[0])
	}
	nohooks := b.render(release(spec+"  postRenderStrategy: nohooks\n"), nil)
	if nohooks.Failure != nil || strings.Count(fmt.Sprint(nohooks.bodies), "nginx:2") != 1 {
		t.Error(nohooks.bodies, nohooks.Failure)
	}
	without := b.render(release(spec), map[string]any{"postRender": false})
	if strings.Contains(fmt.Sprint(without.bodies), "nginx:2") {
		t.Error(without.bodies)
	}
	b.fails("post-render", "/spec/postRenderers", "postRenderers[0]", "  postRenderers: [{kustomize: {patches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: none}}'}]}}]\n", nil)
}

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
		"kind: A\n  bad: [": {"parsing web/templates/bad.yaml", "2"},
		"- a\n- b\n":        {"", "0"},
		"just text":         {"", "0"},
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

func TestReleaseNames(t *testing.T) {
	b := newBench(t)
	b.write("charts/web", files{"templates/c.yaml": configMap + "  ns: {{ .Release.Namespace }}\n"}.chart())
	long := strings.Repeat("a", 60)
	got := b.render(release("  releaseName: "+long+"\n  targetNamespace: t\n  storageNamespace: s\n  install: {createNamespace: true}\n"), nil)
	if got.Failure != nil || len(got.Release.Name) != 53 || got.Release.Namespace != "t" || got.Release.StorageNamespace != "s" || !got.Release.CreatesNamespace {
		t.Errorf("%+v %v", got.Release, got.Failure)
	}
	b.fails("release-invalid", "/spec/releaseName", "", "  releaseName: Upper_Case\n", nil)
	b.fails("release-invalid", "", "cannot unmarshal", "  values: {}\n  releaseName: [x]\n", nil)
	if got := b.render(release("  install: {crds: Skip}\n"), nil); got.Failure != nil {
		t.Error(got.Failure)
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

func TestTrace(t *testing.T) {
	b := newBench(t)
	b.write("charts/web", files{"templates/c.yaml": configMap + "  a: b\n"}.chart())
	got := b.render(release(""), nil)
	if !slices.Equal(got.Trace.Files, []string{"charts/web/Chart.yaml", "charts/web/templates/c.yaml"}) || !slices.Equal(got.Trace.Absent, []string{"charts/web/.helmignore"}) {
		t.Errorf("%+v", got.Trace)
	}
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
