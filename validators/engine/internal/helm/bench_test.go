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
	config := &worker.Config{Roots: []string{b.root}, Charts: b.charts, APIServer: worker.APIServer{KubeVersion: b.version}}
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
