package helm

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
)

// completeDependencies adds what a chart's folder names with file:// and does not hold itself, as source-controller does, and returns the
// others, which source-controller would download.
func (r *rendering) completeDependencies(chrt *chart.Chart) (remote []*chart.Dependency, err error) {
	wanted := chrt.Metadata.Dependencies
	if chrt.Lock != nil {
		wanted = chrt.Lock.Dependencies
	}
	if len(wanted) == len(chrt.Dependencies()) {
		return nil, nil
	}
	for _, dependency := range wanted {
		if dependency == nil || holds(chrt, installedAs(dependency)) {
			continue
		}
		folder, local := r.localFolder(dependency)
		if !local {
			remote = append(remote, dependency)
		} else if err := r.addDependency(chrt, dependency, folder); err != nil {
			return nil, at(r.folder, because("missing-dependency", installedAs(dependency), err))
		}
	}
	return remote, nil
}

// wantDependencies refuses to render without a dependency that the values enable; without the others the result is the same.
func (r *rendering) wantDependencies(chrt *chart.Chart, remote []*chart.Dependency, values map[string]any) error {
	if len(remote) == 0 {
		return nil
	}
	settled := copyChart(chrt)
	given, _ := copyValue(values).(map[string]any)
	if err := chartutil.ProcessDependencies(settled, given); err != nil {
		return because("chart-load", "", err)
	}
	for _, missing := range remote {
		for _, enabled := range settled.Metadata.Dependencies {
			if enabled.Name == installedAs(missing) {
				return at(r.folder, because("missing-dependency", enabled.Name, absent(missing, r.folder)))
			}
		}
	}
	return nil
}

func absent(dependency *chart.Dependency, folder string) error {
	return fmt.Errorf("the dependency %q (version %s of %s) is not in charts/: run \"helm dependency build %s\" and commit what it brings",
		dependency.Name, dependency.Version, dependency.Repository, folder)
}

func installedAs(dependency *chart.Dependency) string {
	if dependency.Alias != "" {
		return dependency.Alias
	}
	return dependency.Name
}

func holds(chrt *chart.Chart, name string) bool {
	return slices.ContainsFunc(chrt.Dependencies(), func(one *chart.Chart) bool { return one.Name() == name })
}

func (r *rendering) addDependency(chrt *chart.Chart, dependency *chart.Dependency, folder string) error {
	if _, err := r.files.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the dependency %q is neither in charts/ nor at %s: commit it, or take it out of Chart.yaml", dependency.Name, folder)
	}
	loaded, err := r.loadFolder(folder)
	if err != nil {
		return fmt.Errorf("the dependency %q: %w", dependency.Name, err)
	}
	added := copyChart(loaded.chart)
	if err := satisfies(dependency.Version, added.Metadata.Version); err != nil {
		return fmt.Errorf("the dependency %q: %w", dependency.Name, err)
	}
	added.Metadata.Name = installedAs(dependency)
	chrt.AddDependency(added)
	r.added = append(r.added, loaded.digest)
	return nil
}

// localFolder is where a dependency lies in the checkout. A path that climbs above the root stays at the root, as in source-controller.
func (r *rendering) localFolder(dependency *chart.Dependency) (string, bool) {
	if dependency.Repository == "" {
		return path.Join(r.folder, "charts", dependency.Name), true
	}
	place, err := url.Parse(dependency.Repository)
	if err != nil || !strings.HasPrefix(dependency.Repository, "file://") {
		return "", false
	}
	climbed := path.Join("/", r.folder, place.Host, place.Path)
	return strings.TrimPrefix(climbed, "/"), true
}

func satisfies(constraint, version string) error {
	wanted, err := semver.NewConstraint(constraint)
	if err != nil {
		return fmt.Errorf("invalid version constraint %q: %w", constraint, err)
	}
	found, err := semver.NewVersion(version)
	if err != nil {
		return fmt.Errorf("invalid version %q: %w", version, err)
	}
	if !wanted.Check(found) {
		return fmt.Errorf("version %s does not satisfy %q", version, constraint)
	}
	return nil
}
