package conform

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

const (
	widget   = `{"apiVersion":"factory.example/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"size":3}}`
	template = "schemas/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"
	sizes    = `{"type":"object","properties":{"spec":{"type":"object","additionalProperties":false,"properties":{"size":{"type":"integer","maximum":5}}}}}`
)

// judged asks about objects where a checkout holds these files; a content that starts with "->" makes a symlink.
func judged(t *testing.T, files map[string]string, template string, bodies ...string) []Verdict {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		path := filepath.Join(root, "tree", name)
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if target, link := strings.CutPrefix(content, "->"); link && err == nil {
			err = os.Symlink(target, path)
		} else if err == nil {
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "outside.json"), []byte(`{"type":"object"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	root = filepath.Join(root, "tree")
	args, _ := json.Marshal(arguments{[]location{{root, template}}})
	blobs := make([][]byte, len(bodies))
	for i, body := range bodies {
		blobs[i] = []byte(body)
	}
	answer, _, err := Judge(context.Background(), &worker.Config{Roots: []string{root}, APIServer: worker.APIServer{KubeVersion: "1.37"}}, wire.Request{Args: args, Blobs: blobs})
	if err != nil {
		t.Fatal(err)
	}
	return answer.(map[string]any)["verdicts"].([]Verdict)
}

func TestAnObjectConformsOrNamesTheField(t *testing.T) {
	files := map[string]string{"schemas/factory.example/widget_v1.json": sizes}
	got := judged(t, files, template, widget, strings.Replace(widget, `"size":3`, `"size":9`, 1), strings.Replace(widget, `"size":3`, `"sise":3`, 1))
	if got[0].Verdict != "conforms" || got[0].Schema != "schemas/factory.example/widget_v1.json" {
		t.Errorf("%+v", got[0])
	}
	if got[1].Verdict != "differs" || got[1].Causes[0].Pointer != "/spec/size" || got[1].Causes[0].Field != "spec.size" || !strings.Contains(got[1].Causes[0].Message, "maximum") {
		t.Errorf("%+v", got[1])
	}
	if got[2].Verdict != "differs" || got[2].Causes[0].Pointer != "/spec" || !strings.Contains(got[2].Causes[0].Message, "sise") {
		t.Errorf("%+v", got[2])
	}
}

func TestAFolderIsLaidOutAsKubeconformsOwn(t *testing.T) {
	got := judged(t, map[string]string{"schemas/v1.37.0-standalone/widget-factory-v1.json": sizes}, "schemas", widget)
	if got[0].Verdict != "conforms" {
		t.Errorf("%+v", got[0])
	}
}

func TestAReferenceToAFileBesideItIsFollowed(t *testing.T) {
	files := map[string]string{
		"schemas/factory.example/widget_v1.json": `{"type":"object","properties":{"spec":{"$ref":"spec.json"}}}`,
		"schemas/factory.example/spec.json":      `{"type":"object","required":["colour"]}`,
	}
	if got := judged(t, files, template, widget); got[0].Verdict != "differs" || !strings.Contains(got[0].Causes[0].Message, "colour") {
		t.Errorf("%+v", got[0])
	}
}

func TestAKindWithoutASchemaStaysUnknown(t *testing.T) {
	files := map[string]string{"schemas/factory.example/widget_v1.json": sizes, "outside/x_v1.json": sizes}
	for _, kind := range []string{"Gadget", "../../outside/x", "Widget/..", ""} {
		if got := judged(t, files, template, strings.Replace(widget, `"Widget"`, `"`+kind+`"`, 1)); got[0].Verdict != "unknown" {
			t.Errorf("%s: %+v", kind, got[0])
		}
	}
}

func TestASchemaThatCannotBeUsedIsNoPass(t *testing.T) {
	for name, content := range map[string]string{
		"no JSON": "type: object", "no schema": `{"type": 5}`, "null": "null", "another host": `{"$ref":"https://schemas.example/x.json"}`,
		"a file of the machine": `{"$ref":"file:///etc/passwd"}`, "a path of the machine": `{"$ref":"/etc/passwd"}`, "a folder above": `{"$ref":"../../x.json"}`,
		"a link to the outside": "->../../../outside.json", "a reference that leads nowhere": `{"$ref":"absent.json"}`,
	} {
		t.Run(name, func(t *testing.T) {
			got := judged(t, map[string]string{"schemas/factory.example/widget_v1.json": content}, template, widget)
			if got[0].Verdict != "unusable" || !strings.Contains(got[0].Causes[0].Message, "schemas/factory.example/widget_v1.json") {
				t.Errorf("%+v", got[0])
			}
		})
	}
}
