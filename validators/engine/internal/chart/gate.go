package chart

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// errNotAllowed says that a request would go where nobody allowed it.
var errNotAllowed = errors.New("not among the allowed hosts")

// gate lets connections pass to the hosts of a request: to those that are named at any address, to those that merely are public only
// at a public address. The address is looked at when it is dialled, so that a name which changes its address gets no further.
type gate struct {
	named, public []string
	shown         *shown
	authorities   string
}

// behind names the further hosts of a registry that keeps its name for people apart from those of its machines.
var behind = map[string][]string{"docker.io": {"registry-1.docker.io", "auth.docker.io"}}

// newGate names the hosts of mirrors, too: whoever configured them meant them to be asked.
func newGate(args arguments, login *shown) *gate {
	named := slices.Clone(args.Hosts)
	for _, target := range args.Mirrors {
		if parsed, err := url.Parse(target); err == nil && parsed.Host != "" {
			named = append(named, parsed.Host)
		}
	}
	return &gate{named: spread(named), public: spread(args.PublicHosts), shown: login, authorities: args.Authorities}
}

func spread(hosts []string) (all []string) {
	for _, host := range hosts {
		host = strings.ToLower(host)
		all = append(append(all, host), behind[strings.TrimSuffix(host, ":443")]...)
	}
	return all
}

// lists says whether hosts name an address, with its port or for any port.
func lists(hosts []string, address string) bool {
	address = strings.ToLower(address)
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	return slices.Contains(hosts, address) || slices.Contains(hosts, host)
}

// check judges an address before anything is looked up. Unencrypted connections are only for hosts that are named.
func (g *gate) check(target *url.URL) error {
	address := origin(target)
	named := lists(g.named, address)
	switch {
	case target.Scheme == "http" && !named:
		return failed("host-not-allowed", "%s is %w for connections without encryption", target.Host, errNotAllowed)
	case !named && !lists(g.public, address):
		return failed("host-not-allowed", "%s is %w", target.Host, errNotAllowed)
	}
	return nil
}

// client makes connections without a proxy or cookies, and with a login only where it belongs.
func (g *gate) client() *http.Client {
	return &http.Client{
		Timeout: patience,
		Transport: guarded{g, &http.Transport{
			DialContext:           g.dial,
			TLSClientConfig:       trusting(g.authorities),
			ForceAttemptHTTP2:     true,
			TLSHandshakeTimeout:   15 * time.Second,
			ResponseHeaderTimeout: 30 * time.Second,
			DisableKeepAlives:     true,
		}},
		CheckRedirect: func(request *http.Request, via []*http.Request) error {
			if len(via) > 5 {
				return errors.New("more than 5 redirects")
			}
			return g.check(request.URL)
		},
	}
}

// guarded checks every request, whoever makes it: a registry names further addresses, for tokens and pages.
type guarded struct {
	*gate
	http.RoundTripper
}

func (g guarded) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := g.check(request.URL); err != nil {
		return nil, err
	}
	request, err := g.authorized(request)
	if err != nil {
		return nil, err
	}
	return g.RoundTripper.RoundTrip(request)
}

func (g *gate) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: 15 * time.Second}
	if !lists(g.named, address) {
		dialer.Control = func(_, resolved string, _ syscall.RawConn) error { return onlyPublic(address, resolved) }
	}
	return dialer.DialContext(ctx, network, address)
}

// special are the ranges that netip does not count as private and that lead to no public host all the same.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("fec0::/10"),
	netip.MustParsePrefix("64:ff9b::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"), // these carry an IPv4 address
}

func onlyPublic(name, resolved string) error {
	parsed, err := netip.ParseAddrPort(resolved)
	if err != nil {
		return failed("host-not-allowed", "%s: %w", name, err)
	}
	address := parsed.Addr().Unmap().WithZone("")
	inside := slices.ContainsFunc(special, func(one netip.Prefix) bool { return one.Contains(address) })
	if inside || address.IsPrivate() || !address.IsGlobalUnicast() {
		return failed("host-not-allowed", "%s leads to %s, which is no public address; it is %w", name, address, errNotAllowed)
	}
	return nil
}

// reached turns an error of a connection into a failure.
func reached(err error) error {
	var refused *trouble
	if errors.As(err, &refused) {
		return refused
	}
	return because("unreachable", fmt.Errorf("the connection failed: %w", err))
}
