package chart

import (
	"bytes"
	"strings"

	"gitops-validate/engine/internal/jail"
)

// fromFolder takes a chart from a mirror that is a folder of NAME-VERSION.tgz, which must be one of the worker's roots.
func (f *fetching) fromFolder(where address) (result, error) {
	folder, err := jail.Open(f.config.Roots, where.folder)
	if err != nil {
		return result{}, because("unreachable", err)
	}
	defer folder.Close()
	entries, err := folder.ReadDir(".")
	if err != nil {
		return result{}, because("unreachable", err)
	}
	versions, files := []string{}, []string{}
	for _, entry := range entries {
		rest, named := strings.CutPrefix(entry.Name(), where.name+"-")
		version, archive := strings.CutSuffix(rest, ".tgz")
		if named && archive && exact(version) {
			versions, files = append(versions, version), append(files, entry.Name())
		}
	}
	if len(versions) == 0 {
		return result{}, failed("chart-not-found", "the mirror %s holds no %s-VERSION.tgz", where.folder, where.name)
	}
	chosen, err := choose(versions, where.version, func(i, j int) bool { return versions[i] > versions[j] })
	if err != nil {
		return result{}, err
	}
	content, err := folder.ReadFile(files[chosen])
	if err != nil {
		return result{}, because("unreachable", err)
	}
	found := result{Version: versions[chosen]}
	if found.Archive, found.Digest, err = f.store.add(bytes.NewReader(content)); err != nil {
		return result{}, err
	}
	return found, f.expectedOfFolder(where, found)
}

// expectedOfFolder compares digests where there is one to compare: a folder knows no manifest of a registry.
func (f *fetching) expectedOfFolder(where address, found result) error {
	if f.args.Kind == "OCIRepository" {
		return nil
	}
	return f.expected(where, found)
}
