package chart

import (
	"fmt"
	"net/url"
	"path"
	"strings"
)

// address is where a chart is taken from, after mirrors.
type address struct {
	registry bool   // an OCI registry, whose url ends with the chart's name
	url      string // without a slash at its end
	folder   string // of a mirror that is a folder of archives
	name     string // of the chart
	version  string // a version, a constraint or a tag
	digest   string // of the manifest in a registry
}

// String names the chart in messages.
func (a address) String() string {
	name := a.url
	switch {
	case a.folder != "":
		name = path.Join(a.folder, a.name)
	case !a.registry:
		name += "/" + a.name
	}
	switch {
	case a.digest != "":
		name += "@" + a.digest
	case a.version != "":
		name += ":" + a.version
	}
	return name
}

// place says where a chart comes from. Of several mirrors the one with the longest prefix counts; what it maps to decides whether that is
// a registry, a Helm repository or a folder.
func place(args arguments) (address, error) {
	source := strings.TrimRight(args.URL, "/")
	if args.Kind == "OCIRepository" || strings.HasPrefix(source, "oci://") {
		if args.Chart != "" {
			source += "/" + args.Chart
		}
		args.Chart = ""
	}
	found := address{name: args.Chart, version: args.Version}
	if found.name == "" {
		found.name = path.Base(source)
	}
	if !plain(found.name) {
		return address{}, failed("chart-not-found", "%q is no name of a chart", found.name)
	}
	prefix, target := mirror(source, args.Mirrors)
	switch {
	case target == "":
		found.url = source
	case !strings.Contains(target, "://"):
		found.folder = target
		return found, nil
	default:
		found.url = strings.TrimRight(target, "/") + strings.TrimPrefix(source, prefix)
	}
	return found.settled(args)
}

// settled fits the address to its scheme, which a mirror may have changed.
func (a address) settled(args arguments) (address, error) {
	parsed, err := url.Parse(a.url)
	switch {
	case err != nil || parsed.Host == "":
		return address{}, failed("chart-not-found", "%q is no address of a chart", withoutUser(a.url))
	case parsed.User != nil:
		return address{}, failed("chart-not-found", "%q is no address of a chart: credentials do not belong into it", withoutUser(a.url))
	}
	switch parsed.Scheme {
	case "oci":
		a.registry, a.digest = true, args.Digest
		if args.Chart != "" { // the mirror of a Helm repository
			a.url += "/" + args.Chart
		}
	case "http", "https":
		if args.Chart == "" { // the mirror of a registry
			a.url = strings.TrimSuffix(a.url, "/"+a.name)
		}
	default:
		return address{}, failed("chart-not-found", "%s: a chart comes from oci:, https: or http:", fmt.Sprintf("%q", a.url))
	}
	return a, nil
}

// withoutUser leaves out what may be a password, even of an address that cannot be read.
func withoutUser(address string) string {
	scheme, rest, found := strings.Cut(address, "://")
	end := strings.IndexByte(rest+"/", '/')
	if at := strings.LastIndexByte(rest[:end], '@'); found && at >= 0 {
		return scheme + "://" + rest[at+1:]
	}
	return address
}

// mirror finds the longest prefix that ends where a part of the address does.
func mirror(source string, mirrors map[string]string) (prefix, target string) {
	for from, to := range mirrors {
		trimmed := strings.TrimRight(from, "/")
		rest, found := strings.CutPrefix(source, trimmed)
		if found && (rest == "" || rest[0] == '/') && len(trimmed) > len(prefix) {
			prefix, target = trimmed, to
		}
	}
	return prefix, target
}

// plain says whether a name can be part of a file's name.
func plain(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, "/\\\x00")
}
