package kustomize

import (
	"path"
	"strings"

	"github.com/fluxcd/pkg/sourceignore"
	"github.com/fluxcd/pkg/sourceignore/gitignore"

	"gitops-validate/engine/internal/jail"
)

// artifact tells which paths of a checkout source-controller packs: all but what .sourceignore files, spec.ignore of the source and Flux's own
// patterns leave out. Flux's patterns for images, archives and CI files count only where nobody gives any, those for git always.
type artifact struct {
	root    *jail.FS
	last    []gitignore.Pattern // spec.ignore, which wins
	folders map[string]ignoring
	others  *bool // whether some folder has patterns, asked once
}

// ignoring is what decides about the entries of a folder.
type ignoring struct {
	given    []gitignore.Pattern // of the .sourceignore files from the root down to the folder
	matcher  gitignore.Matcher
	defaults gitignore.Matcher // nil where patterns are given
	includes bool              // patterns are given, which may take in again what lies below an ignored folder
}

func newArtifact(root *jail.FS, ignore string) *artifact {
	return &artifact{root: root, last: sourceignore.ReadPatterns(strings.NewReader(ignore), nil), folders: map[string]ignoring{}}
}

// ignores reports whether the artifact lacks a path. An ignored folder is there after all when something below it is not ignored.
func (a *artifact) ignores(clean string, dir bool) bool {
	if clean == "." {
		return false
	}
	here := a.folder(path.Dir(clean))
	parts := strings.Split(clean, "/")
	switch {
	case here.matcher.Match(parts, dir):
		return !dir || !here.includes || !a.holds(clean)
	case here.defaults != nil && here.defaults.Match(parts, dir):
		return !a.anyPattern()
	}
	return false
}

// folder reads the patterns that hold for the entries of a folder.
func (a *artifact) folder(name string) ignoring {
	if known, seen := a.folders[name]; seen {
		return known
	}
	var here ignoring
	var domain []string
	if name != "." {
		above := a.folder(path.Dir(name))
		here.given, here.includes = append(here.given, above.given...), above.includes
		domain = strings.Split(name, "/")
	}
	if body, err := a.root.ReadFile(path.Join(name, sourceignore.IgnoreFile)); err == nil {
		here.given = append(here.given, sourceignore.ReadPatterns(strings.NewReader(string(body)), domain)...)
	}
	patterns := append(sourceignore.VCSPatterns(nil), here.given...)
	patterns = append(patterns, a.last...)
	here.matcher = sourceignore.NewMatcher(patterns)
	here.includes = len(here.given)+len(a.last) > 0
	if !here.includes {
		here.defaults = sourceignore.NewMatcher(sourceignore.DefaultPatterns(nil))
	}
	a.folders[name] = here
	return here
}

// holds reports whether a folder has anything below it that is packed. Git's own folder never has.
func (a *artifact) holds(folder string) bool {
	if path.Base(folder) == ".git" {
		return false
	}
	entries, err := a.root.ReadDir(folder)
	if err != nil {
		return false
	}
	for _, entry := range entries {
		if !a.ignores(path.Join(folder, entry.Name()), entry.IsDir()) {
			return true
		}
	}
	return false
}

// anyPattern reports whether a .sourceignore anywhere in the checkout has a pattern. Only a path that Flux's own patterns match asks for it.
func (a *artifact) anyPattern() bool {
	if a.others == nil {
		found := a.patternBelow(".")
		a.others = &found
	}
	return *a.others
}

func (a *artifact) patternBelow(folder string) bool {
	if here := a.folder(folder); len(here.given) > 0 {
		return true
	}
	entries, err := a.root.ReadDir(folder)
	if err != nil {
		return false
	}
	for _, entry := range entries {
		if entry.IsDir() && entry.Name() != ".git" && a.patternBelow(path.Join(folder, entry.Name())) {
			return true
		}
	}
	return false
}
