package unread

import (
	"slices"
	"strings"

	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// namesOf lists under which keys of its parent's values a dependency may find its own.
func namesOf(parent, dependency *chart.Chart) []string {
	names := []string{dependency.Name()}
	for _, wanted := range parent.Metadata.Dependencies {
		if wanted != nil && wanted.Name == dependency.Name() && wanted.Alias != "" {
			names = append(names, wanted.Alias)
		}
	}
	return names
}

// mountsOf lists where the values of a chart and of all charts in it may stand.
func mountsOf(chrt *chart.Chart, mounts []path) []path {
	all := slices.Clone(mounts)
	for _, dependency := range chrt.Dependencies() {
		all = append(all, mountsOf(dependency, below(mounts, namesOf(chrt, dependency)))...)
	}
	return all
}

func below(mounts []path, names []string) (inner []path) {
	for _, mount := range mounts {
		for _, name := range names {
			inner = append(inner, mount.to(name))
		}
	}
	return inner
}

// chart enters what a chart names and reads, and what those in it do.
func (r *Reads) chart(chrt *chart.Chart, mounts []path) {
	for _, mount := range mounts {
		r.named(chrt, mount)
	}
	tpl, files := false, false
	for _, file := range chrt.Templates {
		if file == nil {
			continue
		}
		text := string(file.Data)
		r.APIVersions = r.APIVersions || asksForAPIs(text)
		tpl, files = tpl || strings.Contains(text, "tpl"), files || strings.Contains(text, ".Files")
		r.template(text, mounts)
	}
	if files && tpl {
		r.files(chrt)
	}
	for _, dependency := range chrt.Dependencies() {
		r.chart(dependency, below(mounts, namesOf(chrt, dependency)))
	}
}

// files reads what a chart may render of its other files.
func (r *Reads) files(chrt *chart.Chart) {
	for _, file := range chrt.Files {
		text := string(file.Data)
		r.APIVersions = r.APIVersions || strings.Contains(text, "{{") && asksForAPIs(text)
		if strings.Contains(text, ".Values") && strings.Contains(text, "{{") && !strings.HasSuffix(file.Name, ".md") {
			r.text(text)
		}
	}
}

// mark enters one path, which leads from the values of a chart, for each place of them. Globals are shared with every chart above.
func (r *Reads) mark(p path, mounts []path, whole bool) {
	for _, mount := range mounts {
		r.enter(mount.to(p...), whole)
		if len(p) == 0 || p[0] != "global" {
			continue
		}
		for above := range mount {
			r.enter(mount[:above].to(p...), whole)
		}
	}
}

func (r *Reads) enter(p path, whole bool) {
	known := r.root.at(p)
	known.whole = known.whole || whole
}
