package helm

import (
	"fmt"
	"strings"
	"sync"

	chart "helm.sh/helm/v4/pkg/chart/v2"
)

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
