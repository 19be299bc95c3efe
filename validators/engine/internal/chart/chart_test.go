package chart

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// packed makes an archive of a chart.
func packed(t *testing.T, name, version string) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	archive := tar.NewWriter(zipped)
	body := fmt.Sprintf("apiVersion: v2\nname: %s\nversion: %s\n", name, version)
	_ = archive.WriteHeader(&tar.Header{Name: name + "/Chart.yaml", Mode: 0o644, Size: int64(len(body))})
	_, _ = archive.Write([]byte(body))
	_ = archive.Close()
	_ = zipped.Close()
	return out.Bytes()
}

func digestOf(content []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(content)) }

// bench is a worker with a cache of its own.
type bench struct {
	*testing.T
	config worker.Config
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return &bench{t, worker.Config{Charts: filepath.Join(t.TempDir(), "cache"), Network: true}}
}

type asked map[string]any

func (b *bench) fetch(args asked) result {
	b.Helper()
	raw, _ := json.Marshal(args)
	got, _, err := Fetch(context.Background(), &b.config, wire.Request{Op: "chart", Args: raw})
	if err != nil {
		b.Fatal(err)
	}
	return got.(result)
}

// brings wants a version, and its archive in the cache.
func (b *bench) brings(version string, content []byte, args asked) result {
	b.Helper()
	got := b.fetch(args)
	if got.Failure != nil {
		b.Fatalf("%v: %+v", args, *got.Failure)
	}
	found, err := os.ReadFile(got.Archive)
	if err != nil || !bytes.Equal(found, content) || got.Digest != digestOf(content) || got.Version != version {
		b.Errorf("%v: %+v %v", args, got, err)
	}
	return got
}

func (b *bench) fails(reason, want string, args asked) {
	b.Helper()
	got := b.fetch(args)
	if got.Failure == nil || got.Failure.Reason != reason || !strings.Contains(got.Failure.Message, want) {
		b.Errorf("%v: got %+v, want %s …%s…", args, got.Failure, reason, want)
	}
}

// repository serves a Helm repository and counts the requests.
type repository struct {
	*httptest.Server
	charts   map[string][]byte
	requests int
}

func newRepository(t *testing.T, versions ...string) *repository {
	t.Helper()
	served := &repository{charts: map[string][]byte{}}
	index := "apiVersion: v1\nentries:\n  web:\n"
	for _, version := range versions {
		served.charts["/files/web-"+version+".tgz"] = packed(t, "web", version)
		index += fmt.Sprintf("  - {name: web, version: %q, urls: ['files/web-%s.tgz'], created: '2026-01-01T00:00:00Z'}\n", version, version)
	}
	served.charts["/index.yaml"] = []byte(index)
	served.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.requests++
		content, found := served.charts[strings.TrimPrefix(r.URL.Path, "/stable")]
		if !found {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(content)
	}))
	t.Cleanup(served.Close)
	return served
}

func (r *repository) host() string { return strings.TrimPrefix(r.URL, "http://") }

func (r *repository) of(version string) []byte { return r.charts["/files/web-"+version+".tgz"] }

func TestRepository(t *testing.T) {
	b, served := newBench(t), newRepository(t, "1.0.0", "1.2.0", "2.0.0-rc.1", "1.10.0")
	for constraint, version := range map[string]string{"": "1.10.0", "*": "1.10.0", "1.0.0": "1.0.0", "~1.2": "1.2.0", "1.x": "1.10.0", ">=1.0.0-0": "2.0.0-rc.1", "2.0.0-rc.1": "2.0.0-rc.1"} {
		b.brings(version, served.of(version), asked{"kind": "HelmRepository", "url": served.URL + "/stable/", "chart": "web", "version": constraint, "hosts": []string{served.host()}})
	}
	b.fails("version-not-found", "9.x", asked{"kind": "HelmRepository", "url": served.URL, "chart": "web", "version": "9.x", "hosts": []string{"127.0.0.1"}})
	b.fails("version-not-found", "no version constraint", asked{"kind": "HelmRepository", "url": served.URL, "chart": "web", "version": "[", "hosts": []string{"127.0.0.1"}})
	b.fails("chart-not-found", "db", asked{"kind": "HelmRepository", "url": served.URL, "chart": "db", "hosts": []string{"127.0.0.1"}})
	b.fails("chart-not-found", "no name", asked{"kind": "HelmRepository", "url": served.URL, "chart": "..", "hosts": []string{"127.0.0.1"}})
	b.fails("chart-not-found", "404", asked{"kind": "HelmRepository", "url": served.URL + "/none", "chart": "web", "hosts": []string{"127.0.0.1"}})
	b.fails("digest-mismatch", "sha256:00", asked{"kind": "HelmRepository", "url": served.URL, "chart": "web", "version": "1.0.0", "digest": "sha256:00", "hosts": []string{"127.0.0.1"}})
}

func TestCache(t *testing.T) {
	b, served := newBench(t), newRepository(t, "1.0.0")
	args := asked{"kind": "HelmRepository", "url": served.URL, "chart": "web", "version": "1.0.0", "hosts": []string{served.host()}}
	got := b.brings("1.0.0", served.of("1.0.0"), args)
	if info, err := os.Stat(got.Archive); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	requests := served.requests
	b.brings("1.0.0", served.of("1.0.0"), args)
	offline := asked{"kind": "HelmRepository", "url": served.URL + "/", "chart": "web", "version": "1.0.0", "offline": true}
	b.brings("1.0.0", served.of("1.0.0"), offline)
	if served.requests != requests {
		t.Error("a cached version was fetched again")
	}
	b.fails("offline", "not in the chart cache", asked{"kind": "HelmRepository", "url": served.URL, "chart": "web", "version": "1.x", "offline": true})
	if err := os.WriteFile(got.Archive, []byte("corrupt"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.fails("offline", "", offline)
	b.brings("1.0.0", served.of("1.0.0"), args) // mended
	b.brings("1.0.0", served.of("1.0.0"), offline)
	b.config.Network = false
	b.fails("offline", "", asked{"kind": "HelmRepository", "url": served.URL, "chart": "web", "version": "2.0.0", "hosts": []string{served.host()}})
	left, _ := filepath.Glob(filepath.Join(b.config.Charts, ".incoming-*"))
	if len(left) > 0 {
		t.Error(left)
	}
}

func TestOfflineOpensNoSocket(t *testing.T) {
	b, served := newBench(t), newRepository(t, "1.0.0")
	b.fails("offline", "", asked{"kind": "HelmRepository", "url": served.URL, "chart": "web", "version": "1.0.0", "hosts": []string{served.host()}, "offline": true})
	b.fails("offline", "", asked{"kind": "OCIRepository", "url": "oci://" + served.host() + "/web", "version": "1.0.0", "hosts": []string{served.host()}, "offline": true})
	if served.requests > 0 {
		t.Error("a connection was made")
	}
}

func TestHosts(t *testing.T) {
	b, served := newBench(t), newRepository(t, "1.0.0")
	port := strings.TrimPrefix(served.host(), "127.0.0.1:")
	want := func(address string) asked {
		return asked{"kind": "HelmRepository", "url": address, "chart": "web", "version": "1.0.0"}
	}
	with := func(args asked, name string, hosts ...string) asked { args[name] = hosts; return args }
	b.fails("host-not-allowed", "127.0.0.1", want(served.URL))
	b.fails("host-not-allowed", "127.0.0.1", with(want(served.URL), "hosts", "127.0.0.1:1"))
	b.fails("host-not-allowed", "without encryption", with(want(served.URL), "public_hosts", "127.0.0.1"))
	b.fails("host-not-allowed", "no public address", with(want("https://localhost:"+port), "public_hosts", "localhost"))
	b.fails("host-not-allowed", "no public address", with(want("https://[::ffff:127.0.0.1]:"+port), "public_hosts", "::ffff:127.0.0.1"))
	b.fails("host-not-allowed", "no public address", with(want("https://169.254.169.254"), "public_hosts", "169.254.169.254"))
	for _, secret := range []string{"https://user:pass@127.0.0.1", "https://user:pa@ss@127.0.0.1:odd"} {
		b.fails("chart-not-found", `"https://127.0.0.1`, with(want(secret), "hosts", "127.0.0.1"))
	}
	b.fails("chart-not-found", "no address", with(want("file:///etc/passwd"), "hosts", "127.0.0.1"))
	b.fails("chart-not-found", "oci:, https: or http:", with(want("ftp://127.0.0.1"), "hosts", "127.0.0.1"))
	if served.requests > 0 {
		t.Error("a connection was made")
	}
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	b.brings("1.0.0", served.of("1.0.0"), with(want(strings.Replace(served.URL, "127.0.0.1", "LOCALHOST", 1)), "hosts", "localhost:"+port))
}

func TestARegistryMayHaveOtherHostsBehindIt(t *testing.T) {
	registry, _ := url.Parse("https://registry-1.docker.io/v2/")
	for _, host := range []string{"docker.io", "Docker.io:443"} {
		if err := newGate(arguments{PublicHosts: []string{host}}, nil).check(registry); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if newGate(arguments{PublicHosts: []string{"docker.io:8443"}}, nil).check(registry) == nil {
		t.Error("another port leads there, too")
	}
}

func TestOnlyPublic(t *testing.T) {
	for address, public := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.0.1": false, "169.254.169.254": false,
		"0.0.0.0": false, "100.64.0.1": false, "224.0.0.1": false, "255.255.255.255": false, "::1": false, "fe80::1": false, "fd00::1": false,
		"::ffff:10.0.0.1": false, "64:ff9b::a00:1": false, "2002:a00:1::": false, "::": false,
	} {
		if err := onlyPublic("name", net.JoinHostPort(address, "443")); (err == nil) != public {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestRedirects(t *testing.T) {
	b, served := newBench(t), newRepository(t, "1.0.0")
	target, _ := url.Parse(served.URL)
	moved := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://localhost:"+target.Port()+r.URL.Path, http.StatusFound)
	}))
	t.Cleanup(moved.Close)
	args := asked{"kind": "HelmRepository", "url": moved.URL, "chart": "web", "version": "1.0.0", "hosts": []string{"127.0.0.1"}}
	b.fails("host-not-allowed", "localhost", args)
	if served.requests > 0 {
		t.Error("a redirect was followed")
	}
	args["hosts"] = []string{"127.0.0.1", "localhost"}
	b.brings("1.0.0", served.of("1.0.0"), args)
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }))
	t.Cleanup(endless.Close)
	b.fails("unreachable", "redirects", asked{"kind": "HelmRepository", "url": endless.URL, "chart": "web", "hosts": []string{"127.0.0.1"}})
}

func TestMirrors(t *testing.T) {
	b, served := newBench(t), newRepository(t, "1.0.0", "1.1.0")
	folder := t.TempDir()
	b.config.Roots = []string{folder}
	for _, version := range []string{"1.0.0", "1.5.0", "2.0.0-beta.1"} {
		if err := os.WriteFile(filepath.Join(folder, "web-"+version+".tgz"), packed(t, "web", version), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_ = os.WriteFile(filepath.Join(folder, "web-extra-3.0.0.tgz"), packed(t, "web-extra", "3.0.0"), 0o644)
	mirrors := map[string]string{"https://charts.example.org": served.URL + "/stable", "https://charts.example.org/local/": folder, "oci://registry.example.org/charts": folder, "oci://registry.example.org/http": served.URL}
	want := func(kind, address, name, version string) asked {
		return asked{"kind": kind, "url": address, "chart": name, "version": version, "mirrors": mirrors}
	}
	b.brings("1.1.0", served.of("1.1.0"), want("HelmRepository", "https://charts.example.org/", "web", "1.x"))
	b.brings("1.5.0", packed(t, "web", "1.5.0"), want("HelmRepository", "https://charts.example.org/local", "web", "*"))
	b.brings("2.0.0-beta.1", packed(t, "web", "2.0.0-beta.1"), want("OCIRepository", "oci://registry.example.org/charts/web", "", ">1.0.0-0"))
	b.brings("1.0.0", served.of("1.0.0"), want("OCIRepository", "oci://registry.example.org/http/web", "", "1.0.0"))
	b.fails("version-not-found", "1.5.0", want("HelmRepository", "https://charts.example.org/local", "web", "3.x"))
	b.fails("chart-not-found", "db-VERSION.tgz", want("HelmRepository", "https://charts.example.org/local", "db", ""))
	b.fails("host-not-allowed", "charts.example.org.evil", want("HelmRepository", "https://charts.example.org.evil/local", "web", ""))
	b.config.Network = false
	b.brings("1.0.0", packed(t, "web", "1.0.0"), want("HelmRepository", "https://charts.example.org/local", "web", "1.0.0"))
	b.config.Roots = nil
	b.fails("unreachable", "not a root", want("HelmRepository", "https://charts.example.org/local", "web", ""))
}

func TestSizes(t *testing.T) {
	b := newBench(t)
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "index.yaml") && !strings.HasPrefix(r.URL.Path, "/index/") {
			_, _ = w.Write([]byte("apiVersion: v1\nentries: {web: [{version: 1.0.0, urls: [big.tgz]}]}\n"))
			return
		}
		chunk := bytes.Repeat([]byte("# "), 1<<19)
		for range 120 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	t.Cleanup(endless.Close)
	b.fails("chart-too-large", "archive", asked{"kind": "HelmRepository", "url": endless.URL, "chart": "web", "hosts": []string{"127.0.0.1"}})
	b.fails("chart-too-large", "index", asked{"kind": "HelmRepository", "url": endless.URL + "/index", "chart": "web", "hosts": []string{"127.0.0.1"}})
	kept, _ := os.ReadDir(b.config.Charts)
	if len(kept) != 1 { // the notes
		t.Error(kept)
	}
}
