package kustomize

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/fault"
)

// remote is what may reach the network or git, or carry options into it: a URL of any scheme, git::, scp-like host:path and user@host:path, the
// hosts that kustomize knows by name, and whatever it would read a repository and a revision from. A local name never looks like this.
var remote = regexp.MustCompile(`(?i)^[a-z][a-z0-9+.-]*:|::|://|^[^/]+@[^/]*:|^[^/]+:|^(www\.)?(github|gitlab|bitbucket)\.(com|org)/|\?(ref|version|timeout|submodules)=|_git/|\.git(/|\?|$)|^-`)

// reference is an entry of a kustomization that names a file or a folder.
type reference struct {
	entry  string
	folder bool // may be a folder with a kustomization of its own
	file   bool // may be a file
}

// checkReferences reads every kustomization that the path reaches, before kustomize does: an entry that leaves the checkout, or that is not
// there, ends the build here, so that kustomize never tries to fetch it.
func (b *build) checkReferences() *fault.Failure {
	return b.checkFolder(b.args.Path, nil)
}

func (b *build) checkFolder(folder string, above []string) *fault.Failure {
	file := b.kustomizationFile(folder)
	if file == "" {
		file = path.Join(folder, "kustomization.yaml")
	}
	for _, parent := range above {
		if parent == folder {
			return &fault.Failure{Reason: "kustomize-build", Message: "cycle: " + strings.Join(append(above, folder), " → "), Path: file}
		}
	}
	if len(above) > 100 {
		return &fault.Failure{Reason: "kustomize-build", Message: "kustomizations refer to each other more than 100 levels deep", Path: file}
	}
	root, err := b.readLegacy(file)
	if err != nil {
		return b.failureIn(file, err)
	}
	b.schema = b.schema || len(root.OpenAPI) > 0 || len(root.Crds) > 0
	for _, ref := range references(root) {
		if failure := b.checkReference(folder, file, ref, append(above, folder)); failure != nil {
			return failure
		}
	}
	b.unseal(folder, file, root)
	return nil
}

// readLegacy reads a kustomization with the fields that kustomize still reads under old names.
func (b *build) readLegacy(file string) (types.Kustomization, error) {
	root, err := b.read(file)
	if err != nil {
		return root, err
	}
	body, err := b.files.ReadFile(file)
	if err != nil {
		return root, err
	}
	var old struct {
		Bases []string `json:"bases"`
	}
	if yaml.Unmarshal(body, &old) == nil {
		root.Resources = append(root.Resources, old.Bases...)
	}
	return root, nil
}

func (b *build) checkReference(folder, file string, ref reference, above []string) *fault.Failure {
	entry := ref.entry
	if remote.MatchString(entry) {
		return b.at(file, entry, "remote-reference", fmt.Sprintf("%q does not lie in this repository: only files of the checkout are built", entry))
	}
	if path.IsAbs(entry) {
		return b.at(file, entry, "outside-path", fmt.Sprintf("%q is an absolute path; name it relative to this file", entry))
	}
	target, err := b.files.root.Clean(path.Join(folder, entry))
	if err != nil {
		return b.at(file, entry, "outside-path", fmt.Sprintf("%q leads outside the repository", entry))
	}
	if inner, name, err := b.files.CleanedAbs(target); err == nil && name == "" {
		if target, err = b.files.root.Clean(string(inner)); err != nil {
			return b.at(file, entry, "outside-path", fmt.Sprintf("%q leads outside the repository", entry))
		}
	}
	info, err := b.files.stat(target)
	switch {
	case b.files.isOutside(err):
		return b.at(file, entry, "outside-path", fmt.Sprintf("%q leads outside the repository", entry))
	case err != nil:
		return b.at(file, entry, "missing-path", fmt.Sprintf("%q is not there", entry))
	case info.IsDir() && !ref.folder:
		return b.at(file, entry, "kustomize-build", fmt.Sprintf("%q is a folder; a file belongs here", entry))
	case info.IsDir() && b.kustomizationFile(target) == "":
		return b.at(file, entry, "kustomize-build", fmt.Sprintf("folder %q has no kustomization.yaml", entry))
	case info.IsDir():
		return b.checkFolder(target, above)
	case !ref.file:
		return b.at(file, entry, "kustomize-build", fmt.Sprintf("%q is a file; a folder with a kustomization.yaml belongs here", entry))
	}
	return nil
}

// references lists every entry of a kustomization that kustomize would load.
func references(root types.Kustomization) []reference {
	var found []reference
	either := func(entries ...string) {
		for _, entry := range entries {
			found = append(found, reference{entry, true, true})
		}
	}
	file := func(entries ...string) {
		for _, entry := range entries {
			if entry != "" {
				found = append(found, reference{entry, false, true})
			}
		}
	}
	either(root.Resources...)
	for _, component := range root.Components {
		found = append(found, reference{component, true, false})
	}
	for _, inlineOrPath := range [][]string{root.Generators, root.Transformers, root.Validators} {
		for _, entry := range inlineOrPath {
			if !isInline(entry) {
				either(entry)
			}
		}
	}
	file(root.Crds...)
	file(root.Configurations...)
	file(root.OpenAPI["path"])
	for _, patch := range append(append([]types.Patch{}, root.Patches...), root.PatchesJson6902...) {
		file(patch.Path)
	}
	for _, patch := range root.PatchesStrategicMerge {
		if !isInline(string(patch)) {
			file(string(patch))
		}
	}
	for _, replacement := range root.Replacements {
		file(replacement.Path)
	}
	for _, generator := range root.ConfigMapGenerator {
		file(sources(generator.KvPairSources)...)
	}
	for _, generator := range root.SecretGenerator {
		file(sources(generator.KvPairSources)...)
	}
	return found
}

// isInline reports whether an entry is a document rather than a path.
func isInline(entry string) bool { return strings.ContainsAny(entry, "\n{") }

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

// at makes a failure about an entry of a kustomization, with the line that it stands in.
func (b *build) at(file, entry, reason, message string) *fault.Failure {
	failure := &fault.Failure{Reason: reason, Message: message, Path: file, Field: entry}
	body, err := b.files.root.ReadFile(file)
	if err != nil {
		failure.Path = b.args.Path
		return failure
	}
	for i, line := range strings.Split(string(body), "\n") {
		if column := strings.Index(line, entry); column >= 0 && !strings.HasPrefix(strings.TrimSpace(line), "#") {
			failure.Line, failure.Column = i+1, column+1
			return failure
		}
	}
	return failure
}
