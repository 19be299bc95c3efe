package chart

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	repo "helm.sh/helm/v4/pkg/repo/v1"
	"sigs.k8s.io/yaml"
)

// largestIndex bounds index.yaml, in bytes.
const largestIndex = 64 << 20

// entry is what choosing and fetching a chart takes of the index of a Helm repository.
type entry struct {
	Version string    `json:"version"`
	URLs    []string  `json:"urls"`
	Created time.Time `json:"created"`
}

type index struct {
	Entries map[string][]*entry `json:"entries"`
}

// fromRepository takes a chart from a Helm repository, chosen as source-controller chooses.
func (f *fetching) fromRepository(ctx context.Context, where address) (result, error) {
	from := &reader{f.login(where), nil}
	from.Client = newGate(f.args, from.shown).client()
	versions, err := f.versions(ctx, from, where)
	if err != nil {
		return result{}, err
	}
	texts := make([]string, len(versions))
	for i, one := range versions {
		texts[i] = one.Version
	}
	best, err := choose(texts, where.version, func(i, j int) bool { return versions[i].Created.After(versions[j].Created) })
	if err != nil {
		return result{}, err
	}
	chosen := versions[best]
	if len(chosen.URLs) == 0 {
		return result{}, failed("chart-not-found", "%s: the index gives no address for version %s", where, chosen.Version)
	}
	archive, err := repo.ResolveReferenceURL(where.url+"/", chosen.URLs[0])
	if err != nil {
		return result{}, failed("chart-not-found", "%s: %w", where, err)
	}
	body, err := from.get(ctx, archive)
	if err != nil {
		return result{}, err
	}
	defer body.Close()
	found := result{Version: chosen.Version}
	found.Archive, found.Digest, err = f.store.add(connection{body})
	return found, err
}

// indexes keeps the last ones of this process: releases tend to share repositories.
var indexes = struct {
	sync.Mutex
	urls []string
	kept map[string]*index
}{kept: map[string]*index{}}

// kept is how many indexes stay in memory.
const kept = 4

func (f *fetching) versions(ctx context.Context, from *reader, where address) ([]*entry, error) {
	indexes.Lock()
	defer indexes.Unlock()
	known := indexes.kept[where.url]
	if known == nil {
		var err error
		if known, err = readIndex(ctx, from, where.url); err != nil {
			return nil, err
		}
		if indexes.urls = append(indexes.urls, where.url); len(indexes.urls) > kept {
			delete(indexes.kept, indexes.urls[0])
			indexes.urls = indexes.urls[1:]
		}
		indexes.kept[where.url] = known
	}
	versions := slices.DeleteFunc(slices.Clone(known.Entries[where.name]), func(one *entry) bool { return one == nil || one.Version == "" })
	if len(versions) == 0 {
		return nil, failed("chart-not-found", "%s has no chart %q", where.url, where.name)
	}
	return versions, nil
}

func readIndex(ctx context.Context, from *reader, repository string) (*index, error) {
	body, err := from.get(ctx, repository+"/index.yaml")
	if err != nil {
		return nil, err
	}
	defer body.Close()
	content, err := io.ReadAll(io.LimitReader(connection{body}, largestIndex+1))
	if err != nil {
		return nil, reached(err)
	}
	if len(content) > largestIndex {
		return nil, failed("chart-too-large", "the index of %s is larger than %d bytes", repository, int64(largestIndex))
	}
	read := &index{}
	if err := yaml.Unmarshal(content, read); err != nil {
		return nil, failed("unreachable", "the index of %s cannot be read: %w", repository, err)
	}
	return read, nil
}

// reader gets files of a Helm repository. What its index names elsewhere is not shown its login.
type reader struct {
	*shown
	*http.Client
}

func (r *reader) get(ctx context.Context, address string) (io.ReadCloser, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.User != nil {
		return nil, failed("chart-not-found", "%q is no address that a chart could come from", address)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, failed("chart-not-found", "%w", err)
	}
	if r.to(parsed) {
		request.SetBasicAuth(r.Username, r.Password)
	}
	response, err := r.Do(request)
	if err != nil {
		return nil, reached(err)
	}
	switch response.StatusCode {
	case http.StatusOK:
		return response.Body, nil
	case http.StatusNotFound, http.StatusGone:
		err = failed("chart-not-found", "%s answers %s", address, response.Status)
	case http.StatusUnauthorized, http.StatusForbidden:
		err = r.at(response.Request.URL).refused(fmt.Sprintf("%s answers %s", address, response.Status))
	default:
		err = failed("unreachable", "%s answers %s", address, response.Status)
	}
	_ = response.Body.Close()
	return nil, err
}

// connection marks errors of reading as those of the connection, not of the cache.
type connection struct{ io.Reader }

func (c connection) Read(into []byte) (int, error) {
	n, err := c.Reader.Read(into)
	if err != nil && err != io.EOF {
		err = because("unreachable", fmt.Errorf("the connection broke off: %w", err))
	}
	return n, err
}
