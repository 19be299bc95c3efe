package cause

import (
	"encoding/json"
	"testing"
)

const object = `{
	"metadata": {"labels": {"a/b": "c", "app.kubernetes.io/name": "x"}},
	"data": {"tls.crt": "", ".dockerconfigjson": "", "a": {"b": 1}, "~": ""},
	"spec": {
		"containers": [{"name": "web"}, {"name": "side", "ports": [{"containerPort": 80}, {"containerPort": 80, "protocol": "UDP"}]}, {"name": "side"}],
		"finalizers": ["one", "two"],
		"limits": {"cpu": 1}
	}
}`

func TestPointer(t *testing.T) {
	var value any
	if err := json.Unmarshal([]byte(object), &value); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		"":                         "",
		"spec.containers[0].name":  "/spec/containers/0/name",
		"spec.containers[9].name":  "/spec/containers",
		"spec.containers[0].image": "/spec/containers/0",
		"spec.nothing.below":       "/spec",
		"metadata.labels[a/b]":     "/metadata/labels/a~1b",
		"metadata.labels[missing]": "/metadata/labels",
		"spec.limits[cpu]":         "/spec/limits/cpu",
		`.spec.containers[name="side"].ports[containerPort=80,protocol="UDP"].protocol`: "/spec/containers/2",
		`.spec.containers[name="web"].image`:                                            "/spec/containers/0",
		`.spec.finalizers[="two"]`:                                                      "/spec/finalizers/1",
		`.spec.finalizers[={}]`:                                                         "/spec/finalizers",
		`.spec.containers[name={}].name`:                                                "/spec/containers",
		".spec.containers":                                                              "/spec/containers",
		".data.tls.crt":                                                                 "/data/tls.crt",
		".data..dockerconfigjson":                                                       "/data/.dockerconfigjson",
		"data[.dockerconfigjson]":                                                       "/data/.dockerconfigjson",
		".data.a.b":                                                                     "/data/a/b",
		"data[~]":                                                                       "/data/~0",
		"[":                                                                             "",
		"..]x[":                                                                         "",
	} {
		if got := Pointer(field, value); got != want {
			t.Errorf("%s: %q instead of %q", field, got, want)
		}
	}
}
