package helm

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/ignore"
)

// What Flux accepts of a chart's folder. The depth ends a walk along symlinks that lead back.
const (
	largestFile = 5 << 20
	mostFiles   = 10000
	deepest     = 32
)

var byteOrderMark = []byte{0xEF, 0xBB, 0xBF}

// loadFromCheckout loads a chart that lies in the checkout: a folder, or an archive that was vendored there.
func (r *rendering) loadFromCheckout(place string) (*loadedChart, error) {
	folder, err := r.files.Clean(place)
	if err != nil {
		return nil, because("chart-load", "", err)
	}
	info, err := r.files.Stat(folder)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("there is no chart %s in the source", folder)
	}
	if err != nil {
		return nil, at(folder, because("chart-load", "", err))
	}
	if info.IsDir() {
		r.folder = folder
		return r.loadFolder(folder)
	}
	content, err := r.files.ReadFile(folder)
	if err != nil {
		return nil, at(folder, because("chart-load", "", err))
	}
	loaded, err := r.unpack(content)
	return loaded, at(folder, err)
}

func (r *rendering) loadFolder(folder string) (*loadedChart, error) {
	walk := &walk{rendering: r, top: folder, rules: ignore.Empty()}
	if err := walk.readIgnore(); err != nil {
		return nil, at(folder, because("chart-load", "", err))
	}
	if err := walk.visit(".", 0); err != nil {
		return nil, at(folder, because("chart-load", "", err))
	}
	if !slices.ContainsFunc(walk.files, func(file *archive.BufferedFile) bool { return file.Name == chartutil.ChartfileName }) {
		return nil, at(folder, because("chart-load", "", fmt.Errorf("%s has no %s, so that it is no chart", folder, chartutil.ChartfileName)))
	}
	loaded, err := charts.get(walk.digest(), func() (*chart.Chart, error) { return loader.LoadFiles(walk.files) })
	return loaded, at(folder, err)
}

// walk gathers the files of one chart.
type walk struct {
	*rendering
	top   string
	rules *ignore.Rules
	files []*archive.BufferedFile
	bytes int64
}

func (w *walk) readIgnore() error {
	content, err := w.rendering.files.ReadFile(path.Join(w.top, ignore.HelmIgnore))
	if err == nil {
		if w.rules, err = ignore.Parse(bytes.NewReader(content)); err != nil {
			return fmt.Errorf("%s: %w", ignore.HelmIgnore, err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	w.rules.AddDefaults()
	return nil
}

// visit reads a folder, whose name is relative to the chart, and those below it.
func (w *walk) visit(folder string, depth int) error {
	if depth > deepest {
		return fmt.Errorf("%s: folders nest deeper than %d", folder, deepest)
	}
	entries, err := w.rendering.files.ReadDir(path.Join(w.top, folder))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := w.entry(path.Join(folder, entry.Name()), depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) entry(name string, depth int) error {
	info, err := w.rendering.files.Stat(path.Join(w.top, name))
	if err != nil {
		return err
	}
	switch {
	case w.rules.Ignore(name, info):
		return nil
	case info.IsDir():
		return w.visit(name, depth+1)
	case !info.Mode().IsRegular():
		return fmt.Errorf("cannot load irregular file %s", name)
	case info.Size() > largestFile:
		return fmt.Errorf("cannot load %s: its size of %d bytes exceeds %d", name, info.Size(), int64(largestFile))
	}
	if w.bytes += info.Size(); w.bytes > archive.MaxDecompressedChartSize || len(w.files) >= mostFiles {
		return fmt.Errorf("the chart holds more than %d files or %d bytes", mostFiles, archive.MaxDecompressedChartSize)
	}
	content, err := w.rendering.files.ReadFile(path.Join(w.top, name))
	w.files = append(w.files, &archive.BufferedFile{Name: name, Data: bytes.TrimPrefix(content, byteOrderMark)})
	return err
}

// digest stands for the content of a folder as an archive's does for the archive.
func (w *walk) digest() string {
	hash := sha256.New()
	for _, file := range w.files {
		fmt.Fprintf(hash, "%q %d\n", file.Name, len(file.Data))
		hash.Write(file.Data)
	}
	return fmt.Sprintf("sha256:%x", hash.Sum(nil))
}
