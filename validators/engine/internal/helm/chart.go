package helm

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"

	"gitops-validate/engine/internal/helm/unread"
)

// largestArchive is what helm-controller and source-controller accept of a packed chart, in bytes, many times over.
const largestArchive = 100 << 20

// loadedChart is a chart as it was read. It is shared between requests: copyChart before Helm changes it.
type loadedChart struct {
	chart  *chart.Chart
	digest string
	reads  func() *unread.Reads
}

func newLoaded(chrt *chart.Chart, digest string) *loadedChart {
	return &loadedChart{chart: chrt, digest: digest, reads: sync.OnceValue(func() *unread.Reads { return unread.Walk(chrt) })}
}

// load finds the chart: an archive in the cache, or a folder or an archive in the checkout.
func (r *rendering) load() (*loadedChart, error) {
	place := r.args.Chart
	switch {
	case place.Archive != "" && place.Folder == "":
		content, err := r.readCached(place.Archive)
		if err != nil {
			return nil, because("chart-load", "", err)
		}
		return r.unpack(content)
	case place.Folder != "" && place.Archive == "" && r.files != nil:
		return r.loadFromCheckout(place.Folder)
	}
	return nil, because("chart-load", "", errors.New("no chart: either an archive or a folder is wanted"))
}

// readCached reads an archive that lies directly in the chart cache.
func (r *rendering) readCached(archive string) ([]byte, error) {
	if filepath.IsAbs(archive) {
		if filepath.Dir(archive) != filepath.Clean(r.config.Charts) {
			return nil, fmt.Errorf("%s does not lie in the chart cache", archive)
		}
		archive = filepath.Base(archive)
	}
	cache, err := os.OpenRoot(r.config.Charts)
	if err != nil {
		return nil, err
	}
	defer cache.Close()
	info, err := cache.Stat(archive)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > largestArchive {
		return nil, fmt.Errorf("%s is not a file of at most %d bytes", archive, int64(largestArchive))
	}
	file, err := cache.Open(archive)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, largestArchive))
}

// unpack checks an archive's digest, each time that it is used, and loads it unless that is done already.
func (r *rendering) unpack(content []byte) (*loadedChart, error) {
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256(content))
	if want := r.args.Chart.Digest; want != "" && want != digest {
		return nil, because("digest-mismatch", "", fmt.Errorf("the archive has the digest %s instead of %s", digest, want))
	}
	return charts.get(digest, func() (*chart.Chart, error) { return loader.LoadArchive(bytes.NewReader(content)) })
}

// charts keeps the last charts of this process.
var charts = &shelf{}

// shelf is a small store of charts, the last used one first.
type shelf struct {
	mutex sync.Mutex
	kept  []*loadedChart
}

// shelved bounds how many charts stay in memory.
const shelved = 24

func (s *shelf) get(digest string, load func() (*chart.Chart, error)) (*loadedChart, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for i, known := range s.kept {
		if known.digest == digest {
			copy(s.kept[1:i+1], s.kept[:i])
			s.kept[0] = known
			return known, nil
		}
	}
	chrt, err := guarded(load)
	if err == nil {
		err = acceptable(chrt)
	}
	if err != nil {
		return nil, because("chart-load", "", err)
	}
	loaded := newLoaded(chrt, digest)
	s.kept = append([]*loadedChart{loaded}, s.kept[:min(len(s.kept), shelved-1)]...)
	return loaded, nil
}

// guarded turns a panic of the loader, which hostile archives have caused, into an error.
func guarded(load func() (*chart.Chart, error)) (chrt *chart.Chart, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			chrt, err = nil, fmt.Errorf("the chart cannot be loaded: %v", fault)
		}
	}()
	return load()
}

// acceptable refuses names that would lead elsewhere when they are used as a path, and drops the raw files, which nothing reads again.
func acceptable(chrt *chart.Chart) error {
	if name := chrt.Name(); name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00") {
		return fmt.Errorf("%q is no name of a chart", name)
	}
	chrt.Raw = nil
	for _, dependency := range chrt.Dependencies() {
		if err := acceptable(dependency); err != nil {
			return err
		}
	}
	return nil
}

// copyChart copies what Helm changes while it renders; templates and files stay shared.
func copyChart(original *chart.Chart) *chart.Chart {
	duplicate, metadata := *original, *original.Metadata
	metadata.Dependencies = make([]*chart.Dependency, 0, len(original.Metadata.Dependencies))
	for _, dependency := range original.Metadata.Dependencies {
		if dependency != nil {
			one := *dependency
			metadata.Dependencies = append(metadata.Dependencies, &one)
		}
	}
	if original.Metadata.Dependencies == nil {
		metadata.Dependencies = nil // Helm tells none from an empty list
	}
	duplicate.Metadata = &metadata
	duplicate.Values, _ = copyValue(original.Values).(map[string]any)
	duplicate.SetDependencies()
	for _, dependency := range original.Dependencies() {
		duplicate.AddDependency(copyChart(dependency))
	}
	return &duplicate
}

func copyValue(value any) any {
	switch value := value.(type) {
	case map[string]any:
		if value == nil {
			return value
		}
		duplicate := make(map[string]any, len(value))
		for key, child := range value {
			duplicate[key] = copyValue(child)
		}
		return duplicate
	case []any:
		duplicate := make([]any, len(value))
		for i, child := range value {
			duplicate[i] = copyValue(child)
		}
		return duplicate
	}
	return value
}
