package chart

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const secret = "gehe1m/+ü"

var basic = "Basic " + base64.StdEncoding.EncodeToString([]byte("reader:"+secret))

// private is a server with a certificate that no authority of the system has signed, and what it was sent.
type private struct {
	*httptest.Server
	authorizations []string // one for each request, "" without
}

func newPrivate(t *testing.T, handler http.HandlerFunc) *private {
	t.Helper()
	served := &private{}
	served.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.authorizations = append(served.authorizations, r.Header.Get("Authorization"))
		handler(w, r)
	}))
	t.Cleanup(served.Close)
	return served
}

func (p *private) host() string { return strings.TrimPrefix(p.URL, "https://") }

func (p *private) authority() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw}))
}

// ask is a request that knows the server's authority, its login, and the hosts.
func (p *private) ask(kind, address string, hosts ...string) asked {
	logins := map[string]login{p.host(): {"reader", secret}}
	return asked{"kind": kind, "url": address, "version": "1.0.0", "hosts": append(hosts, p.host()), "logins": logins, "authorities": p.authority()}
}

// wanting answers only who comes with that.
func wanting(authorization, challenge string, then http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == authorization {
			then(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", challenge)
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, `{"errors": [{"code": "UNAUTHORIZED", "message": "not with %s, or %s"}]}`, r.Header.Get("Authorization"), secret)
	}
}

func without(args asked, name string) asked {
	delete(args, name)
	return args
}

func TestARegistryIsShownItsLogin(t *testing.T) {
	b, content := newBench(t), newRegistry(t, "1.0.0")
	served := newPrivate(t, wanting(basic, `Basic realm="charts"`, content.serve))
	address := "oci://" + served.host() + "/org/web"
	b.fails("unreachable", "certificate", without(served.ask("OCIRepository", address), "authorities"))
	b.fails("login-required", "asked without a login", without(served.ask("OCIRepository", address), "logins"))
	if slices.Contains(served.authorizations, basic) {
		t.Error("shown before it could be")
	}
	b.brings("1.0.0", packed(t, "web", "1.0.0"), served.ask("OCIRepository", address))
	holdsNoSecret(t, b.config.Charts)
}

func TestALoginIsForOneHostAndPort(t *testing.T) {
	b := newBench(t)
	served := newPrivate(t, wanting(basic, `Basic realm="charts"`, http.NotFound))
	for _, other := range []string{"127.0.0.1", "127.0.0.1:1", "localhost", strings.Replace(served.host(), "127.0.0.1", "localhost", 1)} {
		args := served.ask("OCIRepository", "oci://"+served.host()+"/org/web")
		args["logins"] = map[string]login{other: {"reader", secret}}
		b.fails("login-required", "", args)
		args["kind"], args["url"], args["chart"] = "HelmRepository", served.URL, "web"
		b.fails("login-required", "", args)
	}
	if slices.Contains(served.authorizations, basic) {
		t.Error("shown to another")
	}
}

func TestALoginIsChangedForATokenByTheRegistryItself(t *testing.T) {
	b, content := newBench(t), newRegistry(t, "1.0.0")
	var served *private
	served = newPrivate(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			wanting(basic, "", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"token": "t0ken"}`)) })(w, r)
			return
		}
		wanting("Bearer t0ken", fmt.Sprintf(`Bearer realm="%s/token",service="test"`, served.URL), content.serve)(w, r)
	})
	b.brings("1.0.0", packed(t, "web", "1.0.0"), served.ask("OCIRepository", "oci://"+served.host()+"/org/web"))
	args := served.ask("OCIRepository", "oci://"+served.host()+"/org/web")
	args["version"], args["logins"] = "1.x", map[string]login{served.host(): {"reader", "wr0ng"}}
	b.fails("login-refused", "does not take the login", args)
	if got := b.fetch(args); strings.Contains(got.Failure.Message, "wr0ng") || strings.Contains(got.Failure.Message, base64.StdEncoding.EncodeToString([]byte("reader:wr0ng"))) {
		t.Error(got.Failure.Message)
	}
}

func TestSomebodyElseChangesALoginForATokenOnlyWhereThatIsNamed(t *testing.T) {
	b, content := newBench(t), newRegistry(t, "1.0.0")
	issuer := newPrivate(t, wanting(basic, "", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"token": "t0ken"}`)) }))
	served := newPrivate(t, wanting("Bearer t0ken", fmt.Sprintf(`Bearer realm="%s/token",service="test"`, issuer.URL), content.serve))
	args := served.ask("OCIRepository", "oci://"+served.host()+"/org/web")
	args["hosts"], args["public_hosts"] = []string{served.host()}, []string{"127.0.0.1"}
	b.fails("host-not-allowed", issuer.host(), args)
	if slices.Contains(issuer.authorizations, basic) {
		t.Error("shown to who is not named")
	}
	b.brings("1.0.0", packed(t, "web", "1.0.0"), served.ask("OCIRepository", "oci://"+served.host()+"/org/web", issuer.host()))
}

// helm serves a Helm repository, whose archives lie where the index says.
func helm(t *testing.T, archive string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/index.yaml") {
			_, _ = fmt.Fprintf(w, "entries: {web: [{version: 1.0.0, urls: ['%s']}]}", archive)
			return
		}
		_, _ = w.Write(packed(t, "web", "1.0.0"))
	}
}

func TestARepositoryIsShownItsLogin(t *testing.T) {
	b := newBench(t)
	served := newPrivate(t, wanting(basic, "Basic", helm(t, "web.tgz")))
	args := served.ask("HelmRepository", served.URL+"/stable")
	args["chart"] = "web"
	b.brings("1.0.0", packed(t, "web", "1.0.0"), args)
	args["url"], args["logins"] = served.URL+"/other", map[string]login{served.host(): {"reader", "wr0ng"}}
	b.fails("login-refused", "does not take", args)
	holdsNoSecret(t, b.config.Charts)
}

func TestWhatAnIndexNamesElsewhereIsShownNothing(t *testing.T) {
	b := newBench(t)
	other := newPrivate(t, helm(t, ""))
	served := newPrivate(t, wanting(basic, "Basic", helm(t, other.URL+"/web.tgz")))
	args := served.ask("HelmRepository", served.URL, other.host())
	args["chart"], args["logins"] = "web", map[string]login{served.host(): {"reader", secret}, other.host(): {"reader", secret}}
	b.brings("1.0.0", packed(t, "web", "1.0.0"), args)
	if !slices.Equal(other.authorizations, []string{""}) {
		t.Error(other.authorizations)
	}
}

func TestNoLoginCrossesARedirect(t *testing.T) {
	content := newRegistry(t, "1.0.0")
	for name, start := range map[string]func(http.Handler) *httptest.Server{"another port": httptest.NewTLSServer, "no encryption": httptest.NewServer} {
		t.Run(name, func(t *testing.T) {
			b, sent := newBench(t), []string{}
			other := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				sent = append(sent, r.Header.Get("Authorization"))
				if path, again := strings.CutPrefix(r.URL.Path, "/again"); again { // a second redirect stays where the first one led
					http.Redirect(w, r, path, http.StatusTemporaryRedirect)
					return
				}
				content.serve(w, r)
			}))
			t.Cleanup(other.Close)
			served := newPrivate(t, wanting(basic, `Basic realm="charts"`, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, other.URL+"/again"+r.URL.Path, http.StatusTemporaryRedirect)
			}))
			b.brings("1.0.0", packed(t, "web", "1.0.0"), served.ask("OCIRepository", "oci://"+served.host()+"/org/web", "127.0.0.1"))
			if len(sent) < 4 || slices.ContainsFunc(sent, func(one string) bool { return one != "" }) {
				t.Errorf("%q", sent)
			}
		})
	}
}

func TestNoLoginGoesWithoutEncryption(t *testing.T) {
	b, content := newBench(t), newRegistry(t, "1.0.0")
	for address, kept := range map[string]bool{
		"https://charts.example.org": true, "http://charts.example.org": false, "http://10.0.0.1": false, "http://127.0.0.1:5000": true, "http://[::1]": true,
		"http://LOCALHOST": true, "http://localhost.example.org": false, "http://127.0.0.1.example.org": false,
	} {
		if parsed, _ := url.Parse(address); encrypted(parsed) != kept {
			t.Error(address)
		}
	}
	for _, insecure := range []bool{true, false} {
		where := &fetching{args: arguments{Insecure: insecure, Logins: map[string]login{"charts.example.org:443": {}, "charts.example.org:80": {}}}}
		if got := where.login(address{registry: true, url: "oci://charts.example.org/org"}); (got != nil) == insecure {
			t.Errorf("insecure %t: %v", insecure, got)
		}
	}
	var sent []string
	open := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent = append(sent, r.Header.Get("Authorization"))
		wanting(basic, "Basic", content.serve)(w, r)
	}))
	t.Cleanup(open.Close)
	host := strings.TrimPrefix(open.URL, "http://")
	args := asked{"kind": "OCIRepository", "url": "oci://" + host + "/org/web", "version": "1.0.0", "insecure": true, "hosts": []string{host}, "logins": map[string]login{host: {"reader", secret}}}
	b.brings("1.0.0", packed(t, "web", "1.0.0"), args)
	if !slices.Contains(sent, basic) {
		t.Error("this machine alone reads what it says to itself")
	}
}

func TestWhatAHostRepeatsIsHidden(t *testing.T) {
	b := newBench(t)
	served := newPrivate(t, wanting("nothing", "Basic", http.NotFound))
	args := served.ask("OCIRepository", "oci://"+served.host()+"/org/web")
	args["version"] = "1.x" // asks for a list, whose refusal has a body
	got := b.fetch(args)
	if got.Failure == nil || got.Failure.Reason != "login-refused" || !strings.Contains(got.Failure.Message, "not with Basic <hidden>, or <hidden>") {
		t.Errorf("%+v", got.Failure)
	}
}

func holdsNoSecret(t *testing.T, folder string) {
	t.Helper()
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, _ error) error {
		if content, _ := os.ReadFile(path); strings.Contains(string(content), secret) || strings.Contains(string(content), strings.TrimPrefix(basic, "Basic ")) {
			t.Errorf("%s holds the login", entry.Name())
		}
		return nil
	})
}
