package kustomize

import (
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"
)

// remote is what may reach the network or git, or carry options into it: a URL of any scheme, git::, scp-like host:path and user@host:path, the
// hosts that kustomize knows by name, and whatever it would read a repository and a revision from. A local name never looks like this.
var remote = regexp.MustCompile(`(?i)^\s*[a-z][a-z0-9+.-]*:|::|://|^[^/]+@[^/]*:|^[^/]+:|^\s*(www\.)?(github|gitlab|bitbucket)\.(com|org)/|\?(ref|version|timeout|submodules)=|(^|/)_git/|\.git(/|\?|$)|^-`)

// reference is an entry of a kustomization that names a file or a folder, or holds a document in its place.
type reference struct {
	entry  string
	folder bool           // may be a folder with a kustomization of its own
	file   bool           // may be a file
	plugin bool           // what it names is the configuration of a plugin
	inline map[string]any // that configuration, when it stands in the entry itself
}

// references lists every entry of a kustomization that kustomize would load. An inline patch that would expand without end is an error.
func references(root types.Kustomization) ([]reference, error) {
	found := append(either(root.Resources), either(root.Bases)...)
	for _, component := range root.Components {
		found = append(found, reference{entry: component, folder: true})
	}
	for _, entry := range slices.Concat(root.Generators, root.Transformers, root.Validators) {
		document, err := inline(entry)
		if err != nil {
			return nil, err
		}
		found = append(found, reference{entry: entry, folder: true, file: true, plugin: true, inline: document})
	}
	for _, patch := range root.PatchesStrategicMerge {
		document, err := inline(string(patch))
		if err != nil {
			return nil, err
		}
		if document == nil {
			found = append(found, onlyFiles(string(patch))...)
		}
	}
	for _, patch := range slices.Concat(root.Patches, root.PatchesJson6902) {
		if err := harmless("", []byte(patch.Patch)); err != nil {
			return nil, err
		}
		found = append(found, onlyFiles(patch.Path)...)
	}
	return append(found, plainFiles(root)...), nil
}

// plainFiles lists the entries that can only be files.
func plainFiles(root types.Kustomization) []reference {
	found := onlyFiles(slices.Concat(root.Crds, root.Configurations, []string{root.OpenAPI["path"]})...)
	for _, replacement := range root.Replacements {
		found = append(found, onlyFiles(replacement.Path)...)
	}
	for _, generator := range root.ConfigMapGenerator {
		found = append(found, onlyFiles(sources(generator.KvPairSources)...)...)
	}
	for _, generator := range root.SecretGenerator {
		found = append(found, onlyFiles(sources(generator.KvPairSources)...)...)
	}
	return found
}

func either(entries []string) (found []reference) {
	for _, entry := range entries {
		found = append(found, reference{entry: entry, folder: true, file: true})
	}
	return found
}

func onlyFiles(entries ...string) (found []reference) {
	for _, entry := range entries {
		if entry != "" {
			found = append(found, reference{entry: entry, file: true})
		}
	}
	return found
}

// inline reads an entry that is a document rather than a path, nil if it is a path.
func inline(entry string) (map[string]any, error) {
	if !strings.ContainsAny(entry, "\n{") {
		return nil, nil
	}
	if err := harmless("", []byte(entry)); err != nil {
		return nil, err
	}
	var document map[string]any
	if yaml.Unmarshal([]byte(entry), &document) != nil {
		return nil, nil
	}
	return document, nil
}

// sources lists the files of a generator, without the keys that they are given.
func sources(from types.KvPairSources) []string {
	var found []string
	for _, entry := range from.FileSources {
		if _, file, named := strings.Cut(entry, "="); named {
			entry = file
		}
		found = append(found, entry)
	}
	return append(append(found, from.EnvSources...), from.EnvSource)
}
