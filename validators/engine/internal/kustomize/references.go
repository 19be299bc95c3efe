package kustomize

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"gitops-validate/engine/internal/fault"
)

// maxDepth and maxFolders bound how kustomizations take each other in, the latter counted as often as kustomize would load them.
const (
	maxDepth   = 100
	maxFolders = 10_000
)

// visit is a kustomization that the path reaches, and whether its resources are configurations of plugins.
type visit struct {
	folder  string
	plugins bool
}

// checkReferences reads every kustomization that the path reaches, before kustomize does: an entry that leaves the checkout, or that is not
// there, ends the build here, so that kustomize never tries to fetch it.
func (b *build) checkReferences() *fault.Failure {
	return b.checkFolder(visit{b.args.Path, false}, nil)
}

// checkFolder checks one kustomization and those below it. How many folders it stands for is kept, so that each is read once.
func (b *build) checkFolder(here visit, above []string) *fault.Failure {
	file := b.kustomizationFile(here.folder)
	if file == "" {
		return &fault.Failure{Reason: "kustomize-build", Message: "folder " + here.folder + " has no kustomization.yaml", Path: here.folder}
	}
	if len(above) > maxDepth {
		return &fault.Failure{Reason: "kustomize-build", Message: fmt.Sprintf("kustomizations refer to each other more than %d levels deep", maxDepth), Path: file}
	}
	before := b.folders
	if counted, done := b.counts[here]; done {
		b.folders += counted
	} else {
		b.folders++
		if failure := b.checkFile(file, here, append(slices.Clone(above), here.folder)); failure != nil {
			return failure
		}
		b.counts[here] = b.folders - before
	}
	if b.folders > maxFolders {
		return &fault.Failure{Reason: "kustomize-build", Message: fmt.Sprintf("kustomizations take each other in more than %d times", maxFolders), Path: file}
	}
	return nil
}

func (b *build) checkFile(file string, here visit, above []string) *fault.Failure {
	root, err := b.read(file)
	if err != nil {
		return b.failureIn(file, err)
	}
	if failure := b.refuseHelm(file, root); failure != nil {
		return failure
	}
	b.schema = b.schema || len(root.OpenAPI) > 0
	found, err := references(root)
	if err != nil {
		return b.failureIn(file, err)
	}
	b.keepSecrets(here.folder, root)
	if failure := b.unsealSources(file, here.folder, root); failure != nil {
		return failure // Flux decrypts what a kustomization names before what those below it do
	}
	targets := map[string]string{}
	for _, ref := range found {
		if target := b.fetchedFor(file, ref); target != "" {
			targets[ref.entry] = target
		}
		if failure := b.checkReference(file, ref, here, above); failure != nil {
			return failure
		}
	}
	if len(targets) > 0 {
		return b.lead(file, targets)
	}
	return nil
}

func (b *build) checkReference(file string, ref reference, here visit, above []string) *fault.Failure {
	if ref.inline != nil {
		return b.checkPlugin(file, here.folder, ref.inline, above)
	}
	target, err := b.fetchedFor(file, ref), error(nil)
	switch {
	case target != "":
	case remote.MatchString(ref.entry):
		return b.at(file, ref.entry, "remote-reference", fmt.Sprintf("%q does not lie in this repository", ref.entry))
	case path.IsAbs(ref.entry):
		return b.at(file, ref.entry, "outside-path", fmt.Sprintf("%q is an absolute path; name it relative to this file", ref.entry))
	case mountAbove(path.Join(here.folder, ref.entry)) != mountAbove(here.folder):
		return b.at(file, ref.entry, "outside-path", fmt.Sprintf("%q leads outside the repository", ref.entry))
	default:
		target, err = b.files.real(path.Join(here.folder, ref.entry))
	}
	if err != nil && isOutside(err) {
		return b.at(file, ref.entry, "outside-path", fmt.Sprintf("%q leads outside the repository", ref.entry))
	}
	info, err := b.files.stat(target)
	switch {
	case isOutside(err):
		return b.at(file, ref.entry, "outside-path", fmt.Sprintf("%q leads outside the repository", ref.entry))
	case err != nil:
		return b.at(file, ref.entry, "missing-path", fmt.Sprintf("%q is not there", ref.entry))
	case info.IsDir() && !ref.folder:
		return b.at(file, ref.entry, "kustomize-build", fmt.Sprintf("%q is a folder; a file belongs here", ref.entry))
	case info.IsDir() && b.kustomizationFile(target) == "":
		return b.at(file, ref.entry, "kustomize-build", fmt.Sprintf("folder %q has no kustomization.yaml", ref.entry))
	case info.IsDir() && slices.Contains(above, target):
		return b.at(file, ref.entry, "kustomize-build", "cycle: "+strings.Join(append(above, target), " → "))
	case info.IsDir():
		return b.checkFolder(visit{target, here.plugins || ref.plugin}, above)
	case !ref.file:
		return b.at(file, ref.entry, "kustomize-build", fmt.Sprintf("%q is a file; a folder with a kustomization.yaml belongs here", ref.entry))
	case here.plugins || ref.plugin:
		return b.checkPlugins(target, here.folder, above)
	}
	return nil
}

// at makes a failure about an entry of a kustomization, with the line that it stands in.
func (b *build) at(file, entry, reason, message string) *fault.Failure {
	if written, by := b.asWritten(file, entry); written != file {
		file, entry, message = written, by, fmt.Sprintf("%s of %q: %s", strings.TrimPrefix(file, mountAbove(file)+"/"), by, message)
	}
	failure := &fault.Failure{Reason: reason, Message: message, Path: file, Field: entry}
	body, err := b.files.original(file)
	if err != nil {
		failure.Path = b.args.Path
		return failure
	}
	failure.Line, failure.Column = entryIn(strings.Split(string(body), "\n"), entry)
	return failure
}

// entryIn finds the line and the column of an entry: where it stands by itself, else where it is a part of something.
func entryIn(lines []string, entry string) (line, column int) {
	for i, text := range lines {
		at := strings.Index(text, entry)
		if at < 0 || strings.HasPrefix(strings.TrimSpace(text), "#") {
			continue
		}
		before, after := text[:at], text[at+len(entry):]
		if (before == "" || strings.HasSuffix(before, "./") || strings.ContainsAny(before[len(before)-1:], " \t\"'=[,")) && (after == "" || strings.ContainsAny(after[:1], " \t\r\"'],/?")) {
			return i + 1, at + 1
		}
		if line == 0 {
			line, column = i+1, at+1
		}
	}
	return line, column
}
