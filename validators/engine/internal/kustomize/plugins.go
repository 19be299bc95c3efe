package kustomize

import (
	"fmt"
	"strings"

	"sigs.k8s.io/kustomize/api/types"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/tree"
)

// refuseHelm says before kustomize does that Flux does not let it run Helm.
func (b *build) refuseHelm(file string, root types.Kustomization) *fault.Failure {
	field := ""
	switch {
	case len(root.HelmCharts) > 0:
		field = "helmCharts"
	case len(root.HelmChartInflationGenerator) > 0:
		field = "helmChartInflationGenerator"
	default:
		return nil
	}
	return b.at(file, field, "kustomize-build", field+": Flux does not let kustomize run Helm; declare a HelmRelease instead")
}

// checkPlugins checks the configurations of generators and transformers that a file holds. Their paths are relative to the kustomization that
// lists them.
func (b *build) checkPlugins(file, folder string, above []string) *fault.Failure {
	body, err := b.files.ReadFile(file)
	if err != nil {
		return b.failureIn(file, err)
	}
	roots, err := tree.ReadAll(string(body))
	if err != nil {
		return b.failureIn(file, err)
	}
	for _, root := range roots {
		var config map[string]any
		if root.Decode(&config) != nil {
			continue // kustomize says that it is no object
		}
		if failure := b.checkPlugin(file, folder, config, above); failure != nil {
			return failure
		}
	}
	return nil
}

// checkPlugin refuses what is not built into kustomize, and the files that a configuration names as if the kustomization named them.
func (b *build) checkPlugin(file, folder string, config map[string]any, above []string) *fault.Failure {
	kind, _ := config["kind"].(string)
	if kind == "HelmChartInflationGenerator" {
		return b.at(file, kind, "kustomize-build", kind+": Flux does not let kustomize run Helm; declare a HelmRelease instead")
	}
	metadata, _ := config["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	for name := range annotations {
		if strings.HasSuffix(name, ".kubernetes.io/function") || name == "config.k8s.io/function" {
			return b.at(file, name, "kustomize-build", kind+": Flux runs no functions for kustomize, neither programs nor containers")
		}
	}
	if version, _ := config["apiVersion"].(string); version != "builtin" {
		return b.at(file, kind, "kustomize-build", fmt.Sprintf("%s %s is not built into kustomize, and Flux runs no other plugins", version, kind))
	}
	for _, ref := range pluginFiles(config) {
		if failure := b.checkReference(file, ref, visit{folder, false}, above); failure != nil {
			return failure
		}
	}
	return nil
}

// pluginFiles lists the files that a built-in plugin's configuration names.
func pluginFiles(config map[string]any) (found []reference) {
	for _, key := range []string{"path", "targetFilePath", "env"} {
		if name, _ := config[key].(string); name != "" {
			found = append(found, onlyFiles(name)...)
		}
	}
	for _, key := range []string{"paths", "files", "envs"} {
		entries, _ := config[key].([]any)
		for _, entry := range entries {
			name, _ := entry.(string)
			if document, err := inline(name); document == nil && err == nil {
				found = append(found, onlyFiles(sources(types.KvPairSources{FileSources: []string{name}})...)...)
			}
		}
	}
	replacements, _ := config["replacements"].([]any)
	for _, replacement := range replacements {
		if one, _ := replacement.(map[string]any); one != nil {
			name, _ := one["path"].(string)
			found = append(found, onlyFiles(name)...)
		}
	}
	return found
}
