package kustomize

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const away = "https://example.test/x.yaml"

func TestAReferenceIsRefusedHoweverItIsReached(t *testing.T) {
	component := "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
	for name, files := range map[string]map[string]string{
		"in a component":              {"a/kustomization.yaml": "components: [../c]\n", "c/kustomization.yaml": component + "resources: [" + away + "]\n"},
		"in a base of a base":         {"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "bases: [../c]\n", "c/kustomization.yaml": "resources: [" + away + "]\n"},
		"through a link to a file":    {"a/kustomization.yaml": "->../c/list", "c/list": "resources: [" + away + "]\n"},
		"through a link to a folder":  {"a/kustomization.yaml": "resources: [b]\n", "a/b": "->../c", "c/kustomization.yaml": "resources: [" + away + "]\n"},
		"in Kustomization":            {"a/Kustomization": "resources: [" + away + "]\n"},
		"in kustomization.yml":        {"a/kustomization.yml": "resources: [" + away + "]\n"},
		"in JSON":                     {"a/kustomization.yaml": `{"resources": ["` + away + `"]}`},
		"behind an anchor":            {"a/kustomization.yaml": "x: &x " + away + "\nresources: [*x]\n"},
		"behind a merge key":          {"a/kustomization.yaml": "x: &x {resources: [" + away + "]}\n<<: *x\n"},
		"folded":                      {"a/kustomization.yaml": "resources:\n- >-\n  " + away + "\n"},
		"escaped":                     {"a/kustomization.yaml": `resources: ["https\x3a//example.test/x.yaml"]` + "\n"},
		"with a newline":              {"a/kustomization.yaml": `transformers: ["https://example.test/x.yaml\n"]` + "\n"},
		"with a space before":         {"a/kustomization.yaml": `resources: [" https://example.test/x.yaml"]` + "\n"},
		"in a folder that is found":   {"a/b/kustomization.yaml": "resources: [" + away + "]\n"},
		"in a patch transformer":      {"a/kustomization.yaml": "transformers: [t.yaml]\n", "a/t.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\npath: " + away + "\n"},
		"in an inline transformer":    {"a/kustomization.yaml": "transformers:\n- |\n  apiVersion: builtin\n  kind: PatchStrategicMergeTransformer\n  metadata: {name: t}\n  paths: [" + away + "]\n"},
		"in a generator of a folder":  {"a/kustomization.yaml": "generators: [g]\n", "a/g/kustomization.yaml": "resources: [g.yaml]\n", "a/g/g.yaml": "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\nfiles: [k=" + away + "]\n"},
		"in a validator's file":       {"a/kustomization.yaml": "validators: [v.yaml]\n", "a/v.yaml": "apiVersion: builtin\nkind: ReplacementTransformer\nmetadata: {name: v}\nreplacements: [{path: " + away + "}]\n"},
		"in a transformer of a value": {"a/kustomization.yaml": "transformers: [v.yaml]\n", "a/v.yaml": "apiVersion: builtin\nkind: ValueAddTransformer\nmetadata: {name: v}\ntargetFilePath: " + away + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ask(t, checkout(t, files), "a", nil, nil); got.Failure == nil || got.Failure.Reason != "remote-reference" || got.Failure.Path == "" {
				t.Errorf("%+v", got.Failure)
			}
		})
	}
}

func TestAComponentOfTheSpecIsLocal(t *testing.T) {
	for _, entry := range []string{away, "github.com/a/b", "git@example.test:a/b", "ssh://example.test/a", "/etc", "file:///etc", "git::file:///x"} {
		got := ask(t, checkout(t, map[string]string{"a/x.yaml": named("x")}), "a", map[string]any{"components": []any{entry}}, nil)
		if got.Failure == nil || got.Failure.Reason != "remote-reference" {
			t.Errorf("%s: %+v", entry, got.Failure)
		}
	}
}

func TestNoProgramIsRun(t *testing.T) {
	function := "apiVersion: example.test/v1\nkind: F\nmetadata:\n  name: f\n  annotations:\n    config.kubernetes.io/function: |\n      %s\n"
	for name, c := range map[string]struct {
		files map[string]string
		says  string
	}{
		"a chart":            {map[string]string{"a/kustomization.yaml": "helmCharts: [{name: poc, releaseName: --post-renderer=./x.sh}]\nhelmGlobals: {configHome: /x}\n"}, "helmCharts"},
		"a chart's plugin":   {map[string]string{"a/kustomization.yaml": "helmChartInflationGenerator: [{chartName: x}]\n"}, "helmChartInflationGenerator"},
		"a chart generator":  {map[string]string{"a/kustomization.yaml": "generators: [g.yaml]\n", "a/g.yaml": "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: g}\nname: x\n"}, "HelmRelease"},
		"an exec function":   {map[string]string{"a/kustomization.yaml": "generators: [f.yaml]\n", "a/f.yaml": fmt.Sprintf(function, "exec: {path: ./x.sh}")}, "no functions"},
		"a container":        {map[string]string{"a/kustomization.yaml": "transformers: [f.yaml]\n", "a/f.yaml": fmt.Sprintf(function, "container: {image: x}")}, "no functions"},
		"a starlark script":  {map[string]string{"a/kustomization.yaml": "validators: [f.yaml]\n", "a/f.yaml": fmt.Sprintf(function, "starlark: {path: x}")}, "no functions"},
		"a plugin elsewhere": {map[string]string{"a/kustomization.yaml": "generators: [f.yaml]\n", "a/f.yaml": "apiVersion: example.test/v1\nkind: Sops\nmetadata: {name: f}\n"}, "not built into kustomize"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, checkout(t, c.files), "a", nil, nil)
			if got.Failure == nil || got.Failure.Reason != "kustomize-build" || !strings.Contains(got.Failure.Message, c.says) {
				t.Errorf("%+v", got.Failure)
			}
		})
	}
}

func TestWhatWouldTakeForeverEndsSoon(t *testing.T) {
	indented := "  " + strings.ReplaceAll(bomb(), "\n", "\n  ")
	diamond := map[string]string{}
	for level := range 30 {
		for _, side := range []string{"l", "r"} {
			diamond[fmt.Sprintf("%s%d/kustomization.yaml", side, level)] = fmt.Sprintf("resources: [../l%d, ../r%d]\n", level+1, level+1)
		}
	}
	diamond["l30/kustomization.yaml"], diamond["r30/kustomization.yaml"] = "namePrefix: l\n", "namePrefix: r\n"
	for name, c := range map[string]struct {
		files map[string]string
		path  string
	}{
		"a bomb":                        {map[string]string{"a/x.yaml": bomb()}, "a"},
		"a bomb before what is no YAML": {map[string]string{"a/x.yaml": bomb() + "---\n{[\n"}, "a"},
		"a bomb in an inline patch":     {map[string]string{"a/kustomization.yaml": "resources: [x.yaml]\npatches:\n- patch: |\n" + indented + "\n", "a/x.yaml": named("x")}, "a"},
		"a bomb as a patch":             {map[string]string{"a/kustomization.yaml": "resources: [x.yaml]\npatches: [{path: p.yaml}]\n", "a/x.yaml": named("x"), "a/p.yaml": bomb()}, "a"},
		"a bomb as a transformer":       {map[string]string{"a/kustomization.yaml": "transformers:\n- |\n" + indented + "\n"}, "a"},
		"brackets":                      {map[string]string{"a/x.yaml": strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)}, "a"},
		"bases that double":             {diamond, "l0"},
	} {
		t.Run(name, func(t *testing.T) {
			root, begin := checkout(t, c.files), time.Now()
			got := ask(t, root, c.path, nil, nil)
			if got.Failure == nil || got.Failure.Reason != "kustomize-build" || time.Since(begin) > 5*time.Second {
				t.Errorf("%s: %+v", time.Since(begin), got.Failure)
			}
		})
	}
}

func TestOddFilesDoNotBlock(t *testing.T) {
	root := checkout(t, map[string]string{"a/x.yaml": named("x"), "b/kustomization.yaml": "resources: [loop.yaml]\n", "b/loop.yaml": "->loop.yaml", "c/kustomization.yaml": "->none"})
	for _, name := range []string{"a/pipe.yaml", "a/kustomization.yml"} {
		if err := syscall.Mkfifo(filepath.Join(root, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"a", "b"} {
		if got := ask(t, root, path, nil, nil); got.Failure == nil {
			t.Errorf("%s was built: %v", path, got.names())
		}
	}
	if got := ask(t, root, "c", nil, nil); got.Failure != nil || len(got.Objects) > 0 {
		t.Errorf("a dangling kustomization: %+v %v", got.Failure, got.names())
	}
}

func TestAPanicOfKustomizeIsAFailure(t *testing.T) {
	// kustomize keeps what an object was called in annotations that a file may hold as well.
	content := "apiVersion: v1\nkind: Secret\nmetadata: {name: x, annotations: {internal.config.kubernetes.io/previousNames: 'x,y', internal.config.kubernetes.io/previousNamespaces: a}}\n"
	root := checkout(t, map[string]string{"a/kustomization.yaml": "resources: [x.yaml]\nnamePrefix: p-\n", "a/x.yaml": content, "b/y.yaml": named("y")})
	if got := ask(t, root, "a", nil, nil); got.Failure == nil || got.Failure.Reason != "kustomize-build" || !strings.Contains(got.Failure.Message, "panicked") {
		t.Errorf("%+v", got.Failure)
	}
	if got := ask(t, root, "b", nil, nil); got.Failure != nil {
		t.Errorf("the next build: %+v", got.Failure)
	}
}

func TestNoShapeOfAnObjectStopsTheOperation(t *testing.T) {
	for name, content := range map[string]string{
		"an object without fields":   "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata: {a: b}\n---\nnull: {}\n",
		"a list of nothing":          "apiVersion: v1\nkind: List\nitems: [null]\n",
		"metadata is a list":         "apiVersion: v1\nkind: ConfigMap\nmetadata: [x]\n",
		"annotations that are texts": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, annotations: x}\n",
		"keys that are numbers":      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {? [a, b] : c}\n",
	} {
		t.Run(name, func(t *testing.T) {
			root := checkout(t, map[string]string{"a/kustomization.yaml": "resources: [x.yaml]\nnamePrefix: p-\ncommonLabels: {a: b}\nnamespace: n\n", "a/x.yaml": content, "b/x.yaml": content})
			for _, path := range []string{"a", "b"} {
				if got := ask(t, root, path, nil, nil); got.Failure != nil && got.Failure.Reason != "kustomize-build" {
					t.Errorf("%+v", got.Failure)
				}
			}
		})
	}
}

func TestMessagesHideWhatSecretGeneratorsAreGiven(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"a line that is no text":     {"a/kustomization.yaml": "secretGenerator: [{name: s, envs: [e]}]\n", "a/e": "a=hunter2\xff\n"},
		"a literal without a key":    {"a/kustomization.yaml": "secretGenerator: [{name: s, literals: ['hunter2']}]\n"},
		"a patch that meets nothing": {"a/kustomization.yaml": "resources: [x.yaml]\npatches: [{patch: '{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {a: hunter2}}'}]\n", "a/x.yaml": named("x")},
		"a patch that does not fit":  {"a/kustomization.yaml": "secretGenerator: [{name: s, literals: ['a=b']}]\npatches: [{target: {kind: Secret}, patch: '[{op: replace, path: /stringData/none, value: hunter2}]'}]\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, checkout(t, files), "a", nil, nil)
			if got.Failure == nil || strings.Contains(got.Failure.Message, "hunter2") {
				t.Errorf("%+v", got.Failure)
			}
		})
	}
}

func TestNothingIsWritten(t *testing.T) {
	root := checkout(t, map[string]string{"a/x.yaml": named("x")})
	if err := os.Chmod(filepath.Join(root, "a"), 0o555); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, root, "a", map[string]any{"namePrefix": "p-"}, nil); got.Failure != nil {
		t.Errorf("%+v", got.Failure)
	}
	if entries, err := os.ReadDir(filepath.Join(root, "a")); err != nil || len(entries) != 1 {
		t.Errorf("%v %v", entries, err)
	}
}

func TestWithTooManySecretsNothingIsQuoted(t *testing.T) {
	var values strings.Builder
	for i := range maxSecrets + 1 {
		fmt.Fprintf(&values, "KEY%d=value-%d\n", i, i)
	}
	values.WriteString("KEY0=hunter2\n")
	root := checkout(t, map[string]string{"a/kustomization.yaml": "secretGenerator: [{name: s, envs: [s.env]}]\n", "a/s.env": values.String()})
	if got := ask(t, root, "a", nil, nil); got.Failure == nil || !strings.Contains(got.Failure.Message, "left out") {
		t.Errorf("%+v", got.Failure)
	}
}
