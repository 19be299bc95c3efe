package helm

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
