package kustomize

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestKustomizesOwnAnnotationsDecideNothing(t *testing.T) {
	list := "resources: [x.yaml]\npatches: [{path: p.yaml, target: {kind: ConfigMap}}]\n"
	for patch, want := range map[string]string{
		"- {op: add, path: /metadata/annotations/x, value: z}":                                `"annotations":{"x":"z"}`,
		"- {op: add, path: /metadata/annotations, value: {x: z}}":                             `"annotations":{"x":"z"}`,
		"- {op: remove, path: /metadata/annotations}":                                         `"data":{"a":"b"}`,
		"- {op: copy, from: /metadata/annotations, path: /data/all}":                          `previousNames`,
		"- {op: replace, path: /metadata/annotations/config.kubernetes.io~1origin, value: q}": `"data":{"a":"b"}`,
	} {
		root := checkout(t, map[string]string{"a/kustomization.yaml": list, "a/x.yaml": named("x"), "a/p.yaml": patch})
		got := ask(t, root, "a", nil, nil)
		body, _ := json.Marshal(got.bodies)
		if got.Failure != nil || !strings.Contains(string(body), want) || strings.Contains(string(body), originKey) || strings.Contains(string(body), transformationKey) {
			t.Errorf("%s: %+v %s", patch, got.Failure, body)
		}
	}
}

func TestAnnotationsOfAnEarlierBuildAreNoFault(t *testing.T) {
	content := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, annotations: {config.kubernetes.io/origin: q, alpha.config.kubernetes.io/transformations: q, keep: z}}\n"
	got := ask(t, checkout(t, map[string]string{"a/x.yaml": content}), "a", nil, nil)
	body, _ := json.Marshal(got.bodies)
	if got.Failure != nil || !strings.Contains(string(body), `"annotations":{"keep":"z"}`) {
		t.Errorf("%+v %s", got.Failure, body)
	}
}

func TestAnnotationsThatTheRootAsksForStay(t *testing.T) {
	root := checkout(t, map[string]string{
		"asked/kustomization.yaml": "resources: [x.yaml]\nbuildMetadata: [originAnnotations]\n", "asked/x.yaml": named("x"),
		"below/kustomization.yaml": "resources: [../asked]\n", "spec/x.yaml": named("x"),
		"generated/kustomization.yaml": "configMapGenerator: [{name: c, literals: [a=b]}]\n",
	})
	for path, want := range map[string]bool{"asked": true, "below": false, "spec": false, "generated": true} { // Flux's Generator itself asks where a root has no resources
		got := ask(t, root, path, nil, nil)
		if got.Failure != nil {
			t.Fatalf("%s: %+v", path, got.Failure)
		}
		body, _ := json.Marshal(got.bodies)
		if strings.Contains(string(body), originKey) != want || strings.Contains(string(body), transformationKey) {
			t.Errorf("%s: %s", path, body)
		}
	}
	got := ask(t, root, "spec", map[string]any{"buildMetadata": []any{"transformerAnnotations"}, "namePrefix": "p-"}, nil)
	if body, _ := json.Marshal(got.bodies); !strings.Contains(string(body), transformationKey) || strings.Contains(string(body), originKey) {
		t.Errorf("spec.buildMetadata: %s", body)
	}
}

func TestARootWithoutResourcesIsBuilt(t *testing.T) {
	for name, content := range map[string]string{"empty": "", "only a namespace": "namespace: n\n", "no files at all": ""} {
		files := map[string]string{"a/README.md": "x"}
		if name != "no files at all" {
			files["a/kustomization.yaml"] = content
		}
		if got := ask(t, checkout(t, files), "a", nil, nil); got.Failure != nil || len(got.Objects) != 0 {
			t.Errorf("%s: %+v %v", name, got.Failure, got.names())
		}
	}
}

func TestAPathBeginsAtTheRootOfTheSource(t *testing.T) {
	root := checkout(t, map[string]string{"a/x.yaml": named("x")})
	for _, path := range []string{"a", "./a", "/a", "./a/", "//a", "b/../a"} {
		if got := ask(t, root, path, nil, nil); got.Failure != nil || len(got.Objects) != 1 || got.Objects[0].Origin.Path != "a/x.yaml" {
			t.Errorf("%s: %+v %+v", path, got.Failure, got.Objects)
		}
	}
}

func TestFilesOfKustomizeAreNotApplied(t *testing.T) {
	own := "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: k}\nresources: []\n"
	got := ask(t, checkout(t, map[string]string{"a/x.yaml": named("x"), "a/dev.yaml": own}), "a", nil, nil)
	if names := got.names(); got.Failure != nil || len(names) != 1 || names[0] != "ConfigMap/x" {
		t.Errorf("%+v %v", got.Failure, names)
	}
}

func TestWhatIsOfTheWholeClusterHasNoNamespace(t *testing.T) {
	root := checkout(t, map[string]string{
		"volume.yaml": "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: media, namespace: shop}\n",
		"claim.yaml":  "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: media, namespace: shop}\n",
	})
	answer := ask(t, root, ".", nil, nil)
	for i, object := range answer.Objects {
		written, _ := answer.bodies[i]["metadata"].(map[string]any)
		if want := map[string]any{"PersistentVolume": nil, "PersistentVolumeClaim": "shop"}[object.Kind]; written["namespace"] != want || (object.Namespace == "") != (want == nil) {
			t.Errorf("%s: %q, %v", object.Kind, object.Namespace, written)
		}
	}
	if len(answer.Objects) != 2 {
		t.Error(answer.names())
	}
}
