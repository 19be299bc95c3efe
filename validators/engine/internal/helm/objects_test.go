package helm

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

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

func TestALabelThatIsNoTextIsNotDecoded(t *testing.T) {
	b := newBench(t)
	for _, labels := range []string{"{a: 1}", "{a: true}"} {
		b.write("charts/web", files{"templates/t.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: t, labels: " + labels + "}\n"}.chart())
		got := b.render(release(""), nil)
		if got.Failure == nil || got.Failure.Reason != "helm-render" || !strings.Contains(got.Failure.Message, "unable to decode") {
			t.Errorf("%s: %+v %v", labels, got.Failure, got.bodies)
		}
	}
	b.write("charts/web", files{"templates/t.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: t, labels: {a: null, b: '1'}, annotations: null}\n"}.chart())
	if got := b.render(release(""), nil); got.Failure != nil || got.labels(0)["b"] != "1" {
		t.Errorf("%+v %v", got.Failure, got.bodies)
	}
}

func TestScopes(t *testing.T) {
	b := newBench(t)
	b.write("charts/web", files{"templates/t.yaml": "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: t}\n---\napiVersion: example.org/v1\nkind: Wide\nmetadata: {name: w}\n---\napiVersion: example.org/v1\nkind: Strange\nmetadata: {name: s}\n"}.chart())
	got := b.render(release(""), map[string]any{"scopes": map[string]string{"example.org/Thing": "Namespaced", "example.org/Wide": "Cluster"}})
	var seen []string
	for _, one := range got.Objects {
		seen = append(seen, fmt.Sprintf("%s %q unknown=%v", one.Name, one.Namespace, one.ScopeUnknown))
	}
	slices.Sort(seen)
	if want := []string{`s "" unknown=true`, `t "apps" unknown=false`, `w "" unknown=false`}; !slices.Equal(seen, want) {
		t.Errorf("got %q, want %q", seen, want)
	}
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

func TestTrace(t *testing.T) {
	b := newBench(t)
	name, digest := b.pack(files{"templates/c.yaml": configMap + "  a: b\n"}.chart())
	packed := b.render(release(""), map[string]any{"root": "", "chart": map[string]any{"archive": name, "digest": digest}})
	if packed.Failure != nil || packed.Trace.Files == nil || packed.Trace.Dirs == nil || packed.Trace.Absent == nil {
		t.Errorf("%+v %+v", packed.Failure, packed.Trace)
	}
	b.write("charts/web", files{"templates/c.yaml": configMap + "  a: b\n"}.chart())
	got := b.render(release(""), nil)
	if !slices.Equal(got.Trace.Files, []string{"charts/web/Chart.yaml", "charts/web/templates/c.yaml"}) || !slices.Equal(got.Trace.Absent, []string{"charts/web/.helmignore"}) {
		t.Errorf("%+v", got.Trace)
	}
}
