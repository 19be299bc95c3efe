package chart

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// fakeRegistry serves one repository, org/web, as an OCI registry does. With a token it wants one, and gives it to anybody.
type fakeRegistry struct {
	*httptest.Server
	tags      map[string]string // to the digest of a manifest
	manifests map[string][]byte
	blobs     map[string][]byte
	token     bool
}

func newRegistry(t *testing.T, tags ...string) *fakeRegistry {
	t.Helper()
	served := &fakeRegistry{tags: map[string]string{}, manifests: map[string][]byte{}, blobs: map[string][]byte{}}
	for _, tag := range tags {
		content := packed(t, "web", strings.ReplaceAll(tag, "_", "+"))
		served.push(tag, "application/vnd.cncf.helm.chart.content.v1.tar+gzip", content)
	}
	served.Server = httptest.NewServer(http.HandlerFunc(served.serve))
	t.Cleanup(served.Close)
	return served
}

func (r *fakeRegistry) push(tag, mediaType string, content []byte) {
	r.blobs[digestOf(content)] = content
	manifest, _ := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": map[string]any{"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": digestOf([]byte("{}")), "size": 2},
		"layers": []any{map[string]any{"mediaType": mediaType, "digest": digestOf(content), "size": len(content)}},
	})
	r.tags[tag], r.manifests[digestOf(manifest)] = digestOf(manifest), manifest
}

func (r *fakeRegistry) serve(w http.ResponseWriter, request *http.Request) {
	if request.URL.Path == "/token" {
		_, _ = w.Write([]byte(`{"token": "anybody"}`))
		return
	}
	if r.token && request.Header.Get("Authorization") != "Bearer anybody" {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="%s/token",service="test",scope="repository:org/web:pull"`, r.URL))
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	kind, name, _ := strings.Cut(strings.TrimPrefix(request.URL.Path, "/v2/org/web/"), "/")
	switch {
	case kind == "tags":
		tags := []string{}
		for tag := range r.tags {
			tags = append(tags, tag)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"name": "org/web", "tags": tags})
	case kind == "manifests":
		if digest, tagged := r.tags[name]; tagged {
			name = digest
		}
		manifest, found := r.manifests[name]
		if !found {
			http.NotFound(w, request)
			return
		}
		w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
		w.Header().Set("Docker-Content-Digest", name)
		w.Header().Set("Content-Length", fmt.Sprint(len(manifest)))
		_, _ = w.Write(manifest)
	case kind == "blobs" && r.blobs[name] != nil:
		_, _ = w.Write(r.blobs[name])
	default:
		http.NotFound(w, request)
	}
}

func (r *fakeRegistry) ask(version string) asked {
	host := strings.TrimPrefix(r.URL, "http://")
	return asked{"kind": "OCIRepository", "url": "oci://" + host + "/org/web", "version": version, "hosts": []string{host}, "insecure": true}
}

func TestRegistry(t *testing.T) {
	b, served := newBench(t), newRegistry(t, "1.0.0", "1.2.0_build.5", "2.0.0-rc.1", "main")
	for asked, version := range map[string]string{"1.0.0": "1.0.0", "1.x": "1.2.0+build.5", "": "1.2.0+build.5", "1.2.0+build.5": "1.2.0+build.5", "main": "main", ">=1.0.0-0": "2.0.0-rc.1"} {
		got := b.brings(version, packed(t, "web", version), served.ask(asked))
		if got.Manifest != served.tags[strings.ReplaceAll(version, "+", "_")] {
			t.Errorf("%s: manifest %s", asked, got.Manifest)
		}
	}
	b.fails("version-not-found", "3.0.0", served.ask("3.0.0"))
	b.fails("version-not-found", "3.x", served.ask("3.x"))
	served.push("latest", "application/vnd.cncf.helm.chart.content.v1.tar+gzip", packed(t, "web", "0.1.0"))
	b.brings("latest", packed(t, "web", "0.1.0"), served.ask(""))
	elsewhere := served.ask("1.x")
	elsewhere["url"] = strings.Replace(elsewhere["url"].(string), "/org/web", "/org/none", 1)
	b.fails("chart-not-found", "org/none", elsewhere)
}

func TestRegistryByHelmRepository(t *testing.T) {
	b, served := newBench(t), newRegistry(t, "1.0.0")
	args := served.ask("")
	args["kind"], args["url"], args["chart"] = "HelmRepository", strings.TrimSuffix(args["url"].(string), "/web"), "web"
	b.brings("1.0.0", packed(t, "web", "1.0.0"), args)
}

func TestRegistryDigest(t *testing.T) {
	b, served := newBench(t), newRegistry(t, "1.0.0")
	args := served.ask("")
	args["digest"] = served.tags["1.0.0"]
	b.brings("", packed(t, "web", "1.0.0"), args)
	args["offline"] = true
	b.brings("", packed(t, "web", "1.0.0"), args)
	args["offline"], args["digest"] = false, digestOf([]byte("other"))
	b.fails("version-not-found", "is not there", args)
}

func TestRegistryToken(t *testing.T) {
	b, served := newBench(t), newRegistry(t, "1.0.0")
	served.token = true
	b.brings("1.0.0", packed(t, "web", "1.0.0"), served.ask("1.0.0"))
	args := served.ask("1.x")
	b.brings("1.0.0", packed(t, "web", "1.0.0"), args)
}

func TestHostileRegistry(t *testing.T) {
	b, served := newBench(t), newRegistry(t)
	served.push("1.0.0", "application/octet-stream", []byte("no chart"))
	b.fails("chart-not-found", "names no chart", served.ask("1.0.0"))
	content := packed(t, "web", "1.1.0")
	served.push("1.1.0", "application/vnd.cncf.helm.chart.content.v1.tar+gzip", content)
	served.blobs[digestOf(content)] = packed(t, "web", "6.6.6")
	b.fails("digest-mismatch", "", served.ask("1.1.0"))
	served.manifests[served.tags["1.1.0"]] = []byte(`{"layers": "x"}`)
	b.fails("digest-mismatch", "", served.ask("1.1.0"))
	args := served.ask("1.1.0")
	args["hosts"], args["public_hosts"] = []string{}, args["hosts"]
	b.fails("host-not-allowed", "without encryption", args)
	args["insecure"] = false
	b.fails("host-not-allowed", "no public address", args)
	served.token = true
	stolen := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(stolen.Close)
	served.URL = stolen.URL // the realm of the token lies elsewhere
	args = served.ask("1.0.0")
	host := strings.TrimPrefix(served.Listener.Addr().String(), "http://")
	args["url"], args["hosts"] = "oci://"+host+"/org/web", []string{host}
	b.fails("host-not-allowed", strings.TrimPrefix(stolen.URL, "http://"), args)
}
