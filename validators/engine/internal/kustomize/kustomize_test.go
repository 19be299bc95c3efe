package kustomize

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %\ndata:\n  a: b\n"

func named(name string) string { return strings.Replace(configMap, "%", name, 1) }

// checkout writes files; a content that starts with "->" makes a symlink.
func checkout(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if target, link := strings.CutPrefix(content, "->"); link {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// bomb is less than a kilobyte and has more than nine to the ninth nodes once its aliases are expanded.
func bomb() string {
	text := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\na0: &a0 [x,x,x,x,x,x,x,x,x]\n"
	for i := range 9 {
		text += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 9), ","))
	}
	return text
}

type built struct {
	result
	bodies []map[string]any
}

func (b built) names() []string {
	var names []string
	for _, object := range b.Objects {
		names = append(names, object.Kind+"/"+object.Name)
	}
	slices.Sort(names)
	return names
}

func ask(t *testing.T, root, path string, spec map[string]any, more map[string]any, blobs ...[]byte) built {
	t.Helper()
	args := map[string]any{"root": root, "path": path, "kustomization": map[string]any{"metadata": map[string]any{"name": "n", "namespace": "ns"}, "spec": spec}}
	for name, value := range more {
		args[name] = value
	}
	body, _ := json.Marshal(args)
	start := time.Now()
	answer, bodies, err := Build(context.Background(), &worker.Config{Roots: []string{root}}, wire.Request{Op: "kustomize", Args: body, Blobs: blobs})
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
	out := built{result: answer.(result)}
	for _, blob := range bodies {
		var data map[string]any
		if err := json.Unmarshal(blob, &data); err != nil {
			t.Fatal(err)
		}
		out.bodies = append(out.bodies, data)
	}
	return out
}

func TestAPathThatLeadsAboveTheRootBeginsThere(t *testing.T) {
	root := checkout(t, map[string]string{"app/a.yaml": named("a"), "b.yaml": named("b")})
	for path, want := range map[string]string{"../app": "[ConfigMap/a]", "app/../../app": "[ConfigMap/a]", "..": "[ConfigMap/a ConfigMap/b]"} {
		if got := ask(t, root, path, nil, nil); got.Failure != nil || fmt.Sprint(got.names()) != want {
			t.Errorf("%s: %+v %v", path, got.Failure, got.names())
		}
	}
	if got := ask(t, root, "../elsewhere", nil, nil); got.Failure == nil || got.Failure.Reason != "outside-path" {
		t.Errorf("what is not there was meant to be outside: %+v", got.Failure)
	}
}

func TestAFolderWithoutAKustomizationIsBuiltWhole(t *testing.T) {
	root := checkout(t, map[string]string{
		"app/a.yaml": named("a"), "app/sub/b.yml": named("b"), "app/own/kustomization.yaml": "resources: [c.yaml]\n", "app/own/c.yaml": named("c"), "app/own/unlisted.yaml": named("d"),
		"app/README.md": "no", ".sourceignore": "/app/out/\n*.draft.yaml\n", "app/out/e.yaml": "not: [yaml", "app/f.draft.yaml": named("f"),
	})
	got := ask(t, root, "app", nil, nil)
	if got.Failure != nil || !slices.Equal(got.names(), []string{"ConfigMap/a", "ConfigMap/b", "ConfigMap/c"}) {
		t.Fatalf("%+v %v", got.Failure, got.names())
	}
	if !slices.Contains(got.Trace.Files, ".sourceignore") || !slices.Contains(got.Trace.Dirs, "app/sub") || slices.Contains(got.Trace.Files, "app/README.md") {
		t.Errorf("trace: %+v", got.Trace)
	}
	if _, err := os.Stat(filepath.Join(root, "app/kustomization.yaml")); err == nil {
		t.Error("something was written to the checkout")
	}
}

func TestFieldsThatTheRootDoesNotHaveAreDroppedAndOthersFail(t *testing.T) {
	text := "resources: [a.yaml]\nx-all: 1\nimages: [{name: a, tag: b}, {name: c, newtag: d}]\nreplica: []\n"
	root := checkout(t, map[string]string{"a/kustomization.yaml": text, "a/a.yaml": named("a"), "b/kustomization.yaml": "resources: [../a]\n"})
	got := ask(t, root, "a", nil, nil)
	var fields []string
	for _, each := range got.Dropped {
		fields = append(fields, each.Path+each.Field)
	}
	if want := "[a/kustomization.yaml/images/0/tag a/kustomization.yaml/replica]"; fmt.Sprint(fields) != want || fmt.Sprint(got.names()) != "[ConfigMap/a]" {
		t.Errorf("%v %v", fields, got.names())
	}
	if got := ask(t, root, "b", nil, nil); got.Failure == nil || len(got.Dropped) > 0 {
		t.Errorf("%+v %v", got.Failure, got.Dropped)
	}
}

func TestTheFieldsOfAFluxKustomizationApply(t *testing.T) {
	root := checkout(t, map[string]string{
		"app/kustomization.yaml":   "resources: [d.yaml]\nimages: [{name: web, newTag: '1', newName: kept}]\n",
		"app/d.yaml":               "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: w, image: web}]}}}\n",
		"extra/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [cm.yaml]\n", "extra/cm.yaml": named("extra"),
	})
	got := ask(t, root, "app", map[string]any{
		"targetNamespace": "t", "namePrefix": "p-", "nameSuffix": "-s", "components": []any{"../extra", "../absent"}, "ignoreMissingComponents": true,
		"images": []any{map[string]any{"name": "web", "newTag": "2"}}, "commonMetadata": map[string]any{"labels": map[string]any{"team": "x"}},
		"patches": []any{map[string]any{"target": map[string]any{"kind": "Deployment"}, "patch": "- {op: add, path: /spec/replicas, value: 3}"}},
	}, nil)
	if got.Failure != nil || !slices.Equal(got.names(), []string{"ConfigMap/p-extra-s", "Deployment/p-web-s"}) {
		t.Fatalf("%+v %v", got.Failure, got.names())
	}
	body, _ := json.Marshal(got.bodies[got.Objects[0].Blob])
	for _, part := range []string{`"image":"kept:2"`, `"namespace":"t"`, `"replicas":3`, `"team":"x"`, `"kustomize.toolkit.fluxcd.io/name":"n"`} {
		if !strings.Contains(string(body), part) {
			t.Errorf("%s is not in %s", part, body)
		}
	}
	if strings.Contains(string(body), "config.kubernetes.io") {
		t.Errorf("annotations are left: %s", body)
	}
	if object := got.Objects[0]; object.Origin.Path != "app/d.yaml" || object.Origin.Document != 0 || len(object.Patches) == 0 {
		t.Errorf("origin: %+v", object)
	}
}

func TestOriginNamesDocumentAndGenerator(t *testing.T) {
	root := checkout(t, map[string]string{
		"base/kustomization.yaml": "resources: [all.yaml]\nconfigMapGenerator: [{name: gen, literals: [a=b]}]\n", "base/all.yaml": named("one") + "---\n" + named("two"),
		"over/kustomization.yaml": "namePrefix: x-\nresources: [../base]\n",
	})
	got := ask(t, root, "over", nil, nil)
	origins := map[string]Origin{}
	for _, object := range got.Objects {
		origins[object.Name[:5]] = object.Origin
	}
	want := map[string]Origin{
		"x-one": {Path: "base/all.yaml", Document: 0}, "x-two": {Path: "base/all.yaml", Document: 1},
		"x-gen": {Path: "base/kustomization.yaml", Document: -1, Generator: "ConfigMapGenerator", GeneratedBy: "base/kustomization.yaml"},
	}
	for name, origin := range want {
		if origins[name] != origin {
			t.Errorf("%s: got %+v, want %+v", name, origins[name], origin)
		}
	}
}

func TestReferencesThatLeaveTheCheckoutNeverReachKustomize(t *testing.T) {
	for _, entry := range []string{
		"https://example.test/x.yaml", "git::https://example.test/x", "git@example.test:a/b", "file:///etc/passwd", "ssh://example.test/x", "github.com/a/b?ref=main", "example.test:a/b",
		"GITHUB.com/a/b", "x/y.git", "a?ref=b", "--upload-pack=touch x", "ext::sh -c x", "user@host:x", "https:/example.test/x", "gh:a/b", "example.test/a/_git/b",
	} {
		for _, field := range []string{
			"resources: [%]", "bases: [%]", "components: [%]", "crds: [%]", "configurations: [%]", "generators: [%]", "transformers: [%]", "validators: [%]", "openapi: {path: %}",
			"patches: [{path: %}]", "patchesStrategicMerge: [%]", "patchesJson6902: [{path: %, target: {kind: A, version: v1, name: b}}]", "replacements: [{path: %}]",
			"configMapGenerator: [{name: a, envs: [%]}]", "secretGenerator: [{name: a, envs: [%]}]", "configMapGenerator: [{name: a, env: %}]",
		} {
			root := checkout(t, map[string]string{"over/kustomization.yaml": "resources: [../app]\n", "app/kustomization.yaml": "# x\n" + strings.Replace(field, "%", `"`+entry+`"`, 1) + "\n"})
			got := ask(t, root, "over", nil, nil)
			if got.Failure == nil || got.Failure.Reason != "remote-reference" || got.Failure.Path != "app/kustomization.yaml" || got.Failure.Line != 2 {
				t.Errorf("%s in %s: %+v", entry, field, got.Failure)
			}
		}
	}
}

func TestAFileOfAGeneratorIsCheckedBehindItsKey(t *testing.T) {
	for entry, reason := range map[string]string{"k=https://example.test/x": "remote-reference", "git@example.test:a/b": "remote-reference", "k=../../x": "outside-path", "k=absent": "missing-path"} {
		root := checkout(t, map[string]string{"app/kustomization.yaml": "secretGenerator: [{name: a, files: ['" + entry + "']}]\n"})
		if got := ask(t, root, "app", nil, nil); got.Failure == nil || got.Failure.Reason != reason || got.Failure.Line != 1 {
			t.Errorf("%s: %+v", entry, got.Failure)
		}
	}
}

func TestFaultsHaveTheirReasonAndPlace(t *testing.T) {
	for name, c := range map[string]struct {
		files  map[string]string
		path   string
		reason string
		at     string
		line   int
	}{
		"path missing":                {map[string]string{"a/x.yaml": named("x")}, "b", "missing-path", "b", 0},
		"path is a file":              {map[string]string{"a/x.yaml": named("x")}, "a/x.yaml", "not-a-directory", "a/x.yaml", 0},
		"path above the root":         {nil, "../x", "outside-path", "../x", 0},
		"path is a link outside":      {map[string]string{"a": "->/etc"}, "a", "outside-path", "a", 0},
		"resource missing":            {map[string]string{"a/kustomization.yaml": "resources:\n- x.yaml\n- y.yaml\n", "a/x.yaml": named("x")}, "a", "missing-path", "a/kustomization.yaml", 3},
		"resource above the root":     {map[string]string{"a/kustomization.yaml": "resources: [../../x.yaml]\n"}, "a", "outside-path", "a/kustomization.yaml", 1},
		"resource absolute":           {map[string]string{"a/kustomization.yaml": "resources: [/etc/hostname]\n"}, "a", "outside-path", "a/kustomization.yaml", 1},
		"resource links outside":      {map[string]string{"a/kustomization.yaml": "resources: [x.yaml]\n", "a/x.yaml": "->/etc/hostname"}, "a", "outside-path", "a/kustomization.yaml", 1},
		"generator reads environment": {map[string]string{"a/kustomization.yaml": "configMapGenerator: [{name: c, files: [/proc/self/environ]}]\n"}, "a", "outside-path", "a/kustomization.yaml", 1},
		"generator climbs out":        {map[string]string{"a/kustomization.yaml": "configMapGenerator: [{name: c, files: [s=../../../proc/self/environ]}]\n"}, "a", "outside-path", "a/kustomization.yaml", 1},
		"base links to the root":      {map[string]string{"a/kustomization.yaml": "resources: [base]\n", "a/base": "->/"}, "a", "outside-path", "a/kustomization.yaml", 1},
		"cycle":                       {map[string]string{"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a]\n"}, "a", "kustomize-build", "b/kustomization.yaml", 1},
		"itself":                      {map[string]string{"a/kustomization.yaml": "resources: [.]\n"}, "a", "kustomize-build", "a/kustomization.yaml", 1},
		"folder without":              {map[string]string{"a/kustomization.yaml": "resources: [b]\n", "a/b/x.yaml": named("x")}, "a", "kustomize-build", "a/kustomization.yaml", 1},
		"folder that is a part":       {map[string]string{"a/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nresources: [config]\n", "a/config/x.yaml": named("x")}, "a", "kustomize-build", "a/kustomization.yaml", 2},
		"a patch that is no YAML":     {map[string]string{"a/kustomization.yaml": "resources: [x.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: |\n    - op: add\n     path: /a\n", "a/x.yaml": named("x")}, "a", "kustomize-build", "a/kustomization.yaml", 6},
		"broken yaml":                 {map[string]string{"a/kustomization.yaml": "resources: [x.yaml]\n", "a/x.yaml": "apiVersion: v1\nkind: [\n"}, "a", "kustomize-build", "a/x.yaml", -1},
		"broken yaml, generated":      {map[string]string{"a/x.yaml": "apiVersion: v1\nkind: [\n"}, "a", "kustomize-build", "a/x.yaml", -1},
		"an alias bomb":               {map[string]string{"a/x.yaml": bomb()}, "a", "kustomize-build", "a/x.yaml", -1},
		"an alias bomb, listed":       {map[string]string{"a/kustomization.yaml": "resources: [x.yaml]\n", "a/x.yaml": bomb()}, "a", "kustomize-build", "a/x.yaml", -1},
		"a bomb as a kustomization":   {map[string]string{"a/kustomization.yaml": bomb()}, "a", "kustomize-build", "a/kustomization.yaml", -1},
		"the same object twice":       {map[string]string{"a/x.yaml": named("x"), "a/y.yaml": named("x")}, "a", "kustomize-build", "", -1},
		"helm":                        {map[string]string{"a/kustomization.yaml": "helmCharts: [{name: poc, releaseName: --post-renderer=./x.sh}]\n"}, "a", "kustomize-build", "a/kustomization.yaml", -1},
		"patch without target":        {map[string]string{"a/kustomization.yaml": "resources: [x.yaml]\npatches: [{path: p.yaml}]\n", "a/x.yaml": named("x"), "a/p.yaml": named("other")}, "a", "kustomize-build", "", -1},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, checkout(t, c.files), c.path, nil, nil)
			switch {
			case got.Failure == nil:
				t.Fatalf("built %v", got.names())
			case got.Failure.Reason != c.reason || c.at != "" && got.Failure.Path != c.at || c.line >= 0 && got.Failure.Line != c.line:
				t.Errorf("got %+v", got.Failure)
			}
		})
	}
}

func TestALinkInsideTheCheckoutIsFollowed(t *testing.T) {
	root := checkout(t, map[string]string{"over/kustomization.yaml": "resources: [base, x.yaml]\n", "over/base": "->../base", "over/x.yaml": "->../shared/x.yaml", "base/kustomization.yaml": "resources: [y.yaml]\n", "base/y.yaml": named("y"), "shared/x.yaml": named("x")})
	if got := ask(t, root, "over", nil, nil); got.Failure != nil || len(got.Objects) != 2 {
		t.Errorf("%+v %v", got.Failure, got.names())
	}
}

func TestNothingOfTheEnvironmentIsRendered(t *testing.T) {
	t.Setenv("CI_JOB_TOKEN", "hunter2")
	root := checkout(t, map[string]string{"a/kustomization.yaml": "configMapGenerator: [{name: c, envs: [e.env]}]\n", "a/e.env": "CI_JOB_TOKEN\nA=b\n"})
	got := ask(t, root, "a", nil, nil)
	if body, _ := json.Marshal(got.bodies); strings.Contains(string(body), "hunter2") {
		t.Errorf("the environment is in %s", body)
	}
}

func TestVariablesAreSubstitutedStrictly(t *testing.T) {
	files := map[string]string{
		"a/x.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  known: ${known}\n  default: ${absent:=d}\n  upper: ${known^^}\n  escaped: $${absent}\n  secret: ${secret}\n",
		"a/s.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s, annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}}\ndata: {k: '${untouched}'}\n",
	}
	more := map[string]any{"substitute": true, "variables": map[string]string{"known": "v"}, "unknown_variables": []string{"secret"}}
	got := ask(t, checkout(t, files), "a", nil, more)
	if got.Failure != nil {
		t.Fatal(got.Failure)
	}
	body, _ := json.Marshal(got.bodies)
	for _, part := range []string{`"known":"v"`, `"default":"d"`, `"upper":"V"`, `"escaped":"${absent}"`, `"k":"${untouched}"`} {
		if !strings.Contains(string(body), part) {
			t.Errorf("%s is not in %s", part, body)
		}
	}
	files["a/x.yaml"] += "  broken: ${absent}\n"
	got = ask(t, checkout(t, files), "a", nil, more)
	if got.Failure == nil || got.Failure.Reason != "unset-variable" || got.Failure.Field != "absent" || got.Failure.Path != "a/x.yaml" {
		t.Errorf("%+v", got.Failure)
	}
	got = ask(t, checkout(t, files), "a", nil, map[string]any{"substitute": true, "variables": map[string]string{"a-b": "v"}})
	if got.Failure == nil || got.Failure.Reason != "invalid-variable" {
		t.Errorf("%+v", got.Failure)
	}
}

func TestEncryptedValuesBecomePlaceholdersOfTheirType(t *testing.T) {
	enc := func(kind string) string {
		return "ENC[AES256_GCM,data:AAAA,iv:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,tag:AAAAAAAAAAAAAAAAAAAAAA==,type:" + kind + "]"
	}
	root := checkout(t, map[string]string{
		"a/s.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: '" + enc("str") + "'}\nstringData: {.dockerconfigjson: '" + enc("str") + "', b: ''}\nsops: {mac: '" + enc("str") + "', version: 3.13.3}\n",
		"a/w.yaml": "apiVersion: example.test/v1\nkind: W\nmetadata: {name: w}\nspec: {n: '" + enc("int") + "', t: '" + enc("bool") + "'}\nsops: {mac: '" + enc("str") + "'}\n",
	})
	got := ask(t, root, "a", nil, nil)
	if got.Failure != nil {
		t.Fatal(got.Failure)
	}
	body, _ := json.Marshal(got.bodies)
	for _, part := range []string{`"a":"ZW5jcnlwdGVk"`, `".dockerconfigjson":"{\"auths\":{}}"`, `"b":""`, `"n":0`, `"t":false`} {
		if !strings.Contains(string(body), part) {
			t.Errorf("%s is not in %s", part, body)
		}
	}
	if strings.Contains(string(body), "sops") || strings.Contains(string(body), "ENC[") || !got.Objects[0].Encrypted || !got.Objects[1].Encrypted {
		t.Errorf("%s %+v", body, got.Objects)
	}
}

func TestAnEncryptedFileOfASecretGeneratorIsAPlaceholder(t *testing.T) {
	root := checkout(t, map[string]string{
		"a/kustomization.yaml": "secretGenerator: [{name: s, envs: [e.env], files: [key.pem]}]\n", "a/e.env": "PASSWORD=ENC[AES256_GCM,data:AA,iv:A,tag:A,type:str]\nsops_mac=ENC[AES256_GCM,data:AA,iv:A,tag:A,type:str]\nsops_version=3\n",
		"a/key.pem": `{"data": "ENC[AES256_GCM,data:AA,iv:A,tag:A,type:str]", "sops": {"mac": "ENC[AES256_GCM,data:AA,iv:A,tag:A,type:str]"}}`,
	})
	got := ask(t, root, "a", nil, nil)
	if got.Failure != nil {
		t.Fatal(got.Failure)
	}
	data := got.bodies[0]["data"].(map[string]any)
	if len(data) != 2 || data["PASSWORD"] != "ZW5jcnlwdGVk" || data["key.pem"] != "ZW5jcnlwdGVk" || !got.Objects[0].Encrypted {
		t.Errorf("%v %+v", data, got.Objects)
	}
}

func TestASchemaOfOneBuildIsNotKeptForTheNext(t *testing.T) {
	schema := `{"definitions": {"v1.ConfigMap": {"properties": {"data": {"type": "object"}}, "x-kubernetes-group-version-kind": [{"group": "", "version": "v1", "kind": "ConfigMap"}]}}}`
	deployment := "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: w, image: a}]}}}\n"
	patch := "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: w, tty: true}]}}}\n"
	root := checkout(t, map[string]string{
		"a/kustomization.yaml": "resources: [x.yaml]\nopenapi: {path: s.json}\n", "a/s.json": schema, "a/x.yaml": named("x"),
		"b/kustomization.yaml": "resources: [d.yaml]\npatches: [{path: p.yaml}]\n", "b/d.yaml": deployment, "b/p.yaml": patch,
	})
	for _, path := range []string{"b", "a", "b"} {
		got := ask(t, root, path, nil, nil)
		if got.Failure != nil {
			t.Fatal(got.Failure)
		}
		if body, _ := json.Marshal(got.bodies); path == "b" && !strings.Contains(string(body), `[{"image":"a","name":"w","tty":true}]`) {
			t.Errorf("the containers were not merged by name: %s", body)
		}
	}
}

func BenchmarkSmallOverlay(b *testing.B) {
	t := &testing.T{}
	files := map[string]string{"over/kustomization.yaml": "resources: [../base]\npatches: [{target: {kind: ConfigMap, name: c0}, patch: '- {op: add, path: /data/x, value: y}'}]\n"}
	list := ""
	for i := range 20 {
		name := "c" + string(rune('0'+i%10)) + strings.Repeat("x", i/10)
		files["base/"+name+".yaml"], list = named(name), list+name+".yaml, "
	}
	files["base/kustomization.yaml"] = "resources: [" + list + "]\n"
	root := b.TempDir()
	for name, content := range files {
		_ = os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o755)
		_ = os.WriteFile(filepath.Join(root, name), []byte(content), 0o644)
	}
	for b.Loop() {
		if got := ask(t, root, "over", nil, nil); got.Failure != nil {
			b.Fatal(got.Failure)
		}
	}
}
