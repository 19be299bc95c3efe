package kustomize

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const elsewhere = "https://git.example.test/team/base//overlays/prod?ref=1111111111111111111111111111111111111111"

// bring is the argument that says what was fetched for entries, and its blobs; a file may be told as a single one.
func bring(entries map[string]map[string]string, paths map[string]string) (map[string]any, [][]byte) {
	var given []map[string]any
	var blobs [][]byte
	for entry, files := range entries {
		numbers := map[string]int{}
		for name, text := range files {
			numbers[name] = len(blobs)
			blobs = append(blobs, []byte(text))
		}
		given = append(given, map[string]any{"entry": entry, "path": paths[entry], "files": numbers})
	}
	return map[string]any{"fetched": given}, blobs
}

func TestWhatWasFetchedIsBuiltAsIfItWereThere(t *testing.T) {
	file := "https://raw.example.test/1111111111111111111111111111111111111111/crd.yaml"
	root := checkout(t, map[string]string{
		"a/kustomization.yaml": "# kept as it is\nnamespace: web\nresources:\n  - own.yaml\n  - &there " + elsewhere + "\n  - '" + file + "'\npatches:\n  - patch: '[{\"op\": \"add\", \"path\": \"/data/own\", \"value\": \"added\"}]'\n    target: {kind: ConfigMap, name: far}\n",
		"a/own.yaml":           named("own"),
		fetchedFolder + "/0/overlays/prod/kustomization.yaml": "resources: [forged.yaml]\n",
	})
	more, blobs := bring(map[string]map[string]string{
		elsewhere: {"overlays/prod/kustomization.yaml": "resources: [../../base]\nnamePrefix: far-\nnameSuffix: ''\n", "base/kustomization.yaml": "resources: [map.yaml]\n", "base/map.yaml": named("away"), "unread.yaml": bomb()},
		file:      {"crd.yaml": named("far")},
	}, map[string]string{elsewhere: "overlays/prod", file: "crd.yaml"})
	got := ask(t, root, "a", nil, more, blobs...)
	if got.Failure != nil || !slices.Equal(got.names(), []string{"ConfigMap/far", "ConfigMap/far-away", "ConfigMap/own"}) {
		t.Fatalf("%+v %v", got.Failure, got.names())
	}
	for i, object := range got.Objects {
		data, _ := got.bodies[i]["data"].(map[string]any)
		if object.Namespace != "web" || (object.Name == "far") != (data["own"] == "added") {
			t.Errorf("%+v %v", object, data)
		}
		if want := (Origin{Path: "a/kustomization.yaml", Document: -1}); object.Name != "own" && object.Origin != want {
			t.Errorf("origin %+v", object.Origin)
		}
	}
	if trace := fmt.Sprint(got.Trace); strings.Contains(trace, fetchedFolder) {
		t.Errorf("the answer depends on the checkout alone: %s", trace)
	}
}

func TestWhatWasFetchedStaysWhereItIs(t *testing.T) {
	for name, c := range map[string]struct {
		files        map[string]string
		reason, says string
	}{
		"the checkout":     {map[string]string{"kustomization.yaml": "resources: [../../../a/own.yaml]\n"}, "outside-path", "leads outside"},
		"another entry's":  {map[string]string{"kustomization.yaml": "resources: [../1/x.yaml]\n"}, "outside-path", "leads outside"},
		"the root":         {map[string]string{"kustomization.yaml": "resources: [/etc]\n"}, "outside-path", "absolute"},
		"further away":     {map[string]string{"kustomization.yaml": "resources: ['https://example.test/x?ref=main']\n"}, "remote-reference", "does not lie in this repository"},
		"a file not there": {map[string]string{"kustomization.yaml": "resources: [x.yaml]\n"}, "missing-path", "is not there"},
		"a helm chart":     {map[string]string{"kustomization.yaml": "helmCharts: [{name: x}]\n"}, "kustomize-build", "Helm"},
		"nothing to build": {map[string]string{"README.md": "x"}, "kustomize-build", "no kustomization.yaml"},
		"a bomb":           {map[string]string{"kustomization.yaml": bomb()}, "kustomize-build", "alias"},
		"no YAML":          {map[string]string{"kustomization.yaml": "resources: [x.yaml]\n", "x.yaml": "a: [\n"}, "kustomize-build", "x.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			root := checkout(t, map[string]string{"a/kustomization.yaml": "resources:\n  - own.yaml\n  - " + elsewhere + "\n", "a/own.yaml": named("own")})
			more, blobs := bring(map[string]map[string]string{elsewhere: c.files}, map[string]string{elsewhere: "."})
			got := ask(t, root, "a", nil, more, blobs...)
			if got.Failure == nil || got.Failure.Reason != c.reason || !strings.Contains(got.Failure.Message, c.says) || strings.Contains(got.Failure.Message, fetchedFolder) {
				t.Fatalf("%+v", got.Failure)
			}
			if got.Failure.Path != "a/kustomization.yaml" || got.Failure.Field != elsewhere && name != "no YAML" {
				t.Errorf("it is the entry's: %+v", got.Failure)
			}
		})
	}
}

func TestOnlyWhatMayBeAFolderIsFetched(t *testing.T) {
	for _, section := range []string{"patches: [{path: '%s'}]", "configurations: ['%s']", "crds: ['%s']", "generators: ['%s']"} {
		root := checkout(t, map[string]string{"a/kustomization.yaml": fmt.Sprintf(section, elsewhere) + "\n"})
		more, blobs := bring(map[string]map[string]string{elsewhere: {"x.yaml": named("x")}}, map[string]string{elsewhere: "x.yaml"})
		if got := ask(t, root, "a", nil, more, blobs...); got.Failure == nil || got.Failure.Reason != "remote-reference" {
			t.Errorf("%s: %+v", section, got.Failure)
		}
	}
}

func TestARequestThatNamesFilesWronglyIsRefused(t *testing.T) {
	for _, name := range []string{"../x", "/x", "a/../../x", ""} {
		b := &build{args: arguments{Fetched: []fetched{{Entry: "x", Files: map[string]int{name: 0}}}}, files: newFiles(nil, "")}
		if err := b.mount([][]byte{nil}); err == nil {
			t.Errorf("%q was taken", name)
		}
	}
}
