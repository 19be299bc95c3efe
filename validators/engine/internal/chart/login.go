package chart

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"strings"

	"oras.land/oras-go/v2/registry/remote/auth"
)

// login is a name and a password of one host.
type login struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// shown is where a request may show a login: to the host that the chart comes from, and to those that are known to be behind it.
type shown struct {
	login

	hosts []string // each with its port, but for those behind
}

// login is that of the host and port that a chart comes from, if there is one and the connection keeps it to that host.
func (f *fetching) login(where address) *shown {
	parsed, err := url.Parse(where.url)
	if err != nil {
		return nil
	}
	if where.registry {
		parsed.Scheme = map[bool]string{true: "http", false: "https"}[f.args.Insecure]
	}
	address := origin(parsed)
	found, ok := f.args.Logins[address]
	if !ok || !encrypted(parsed) {
		return nil
	}
	return &shown{found, spread([]string{address})}
}

// to says whether the login belongs to the host of an address, and nobody on the way reads it.
func (s *shown) to(target *url.URL) bool {
	return s != nil && encrypted(target) && lists(s.hosts, origin(target))
}

// at is the login that an address was shown, if it was.
func (s *shown) at(target *url.URL) *shown {
	if s.to(target) {
		return s
	}
	return nil
}

// credential is the login as a registry's client asks for it. Whom the client then shows it to is for authorized to judge.
func (s *shown) credential(context.Context, string) (auth.Credential, error) {
	if s == nil {
		return auth.EmptyCredential, nil
	}
	return auth.Credential{Username: s.Username, Password: s.Password}, nil
}

// refused is what a host says to whoever it does not know, or not well enough.
func (s *shown) refused(message string) error {
	if s == nil {
		return failed("login-required", "%s; it was asked without a login", message)
	}
	return failed("login-refused", "%s; it does not take the login that was given for it", message)
}

var ports = map[string]string{"https": "443", "http": "80"}

// origin is the host and port of an address.
func origin(target *url.URL) string {
	port := target.Port()
	if port == "" {
		port = ports[target.Scheme]
	}
	return strings.ToLower(net.JoinHostPort(target.Hostname(), port))
}

// encrypted says whether a connection is, or leaves this machine at no time.
func encrypted(target *url.URL) bool {
	ip := net.ParseIP(target.Hostname())
	return target.Scheme == "https" || strings.EqualFold(target.Hostname(), "localhost") || ip != nil && ip.IsLoopback()
}

// authorized looks at whom a login, or the token that it was changed for, would be shown to. It is taken off once a redirect has led elsewhere, even if a
// further one leads back.
func (g guarded) authorized(request *http.Request) (*http.Request, error) {
	if g.shown == nil || request.Header.Get("Authorization") == "" {
		return request, nil
	}
	asked, moved := request, false
	for ; asked.Response != nil; asked = asked.Response.Request {
		moved = moved || !sameOrigin(asked.URL, asked.Response.Request.URL)
	}
	switch {
	case moved:
		request = request.Clone(request.Context())
		request.Header.Del("Authorization")
	case g.shown.to(request.URL):
	case !encrypted(request.URL) || !lists(g.named, origin(request.URL)): // where a registry wants its login to be changed for a token
		return nil, failed("host-not-allowed", "%s, to which %s sends its readers with their login, is %w", request.URL.Host, g.shown.hosts[0], errNotAllowed)
	}
	return request, nil
}

func sameOrigin(one, other *url.URL) bool {
	return one.Scheme == other.Scheme && origin(one) == origin(other)
}

// trusting adds authorities to those of the system.
func trusting(authorities string) *tls.Config {
	if authorities == "" {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	pool.AppendCertsFromPEM([]byte(authorities))
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
}

// hidden leaves logins out of a message: a host may repeat what it was sent.
func hidden(message string, logins map[string]login) string {
	for _, one := range logins {
		for _, secret := range []string{base64.StdEncoding.EncodeToString([]byte(one.Username + ":" + one.Password)), one.Password} {
			if secret != "" {
				message = strings.ReplaceAll(message, secret, "<hidden>")
			}
		}
	}
	return message
}
