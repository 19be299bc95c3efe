package helm

import chart "helm.sh/helm/v4/pkg/chart/v2"

// copyChart copies what Helm changes while it renders; templates and files stay shared.
func copyChart(original *chart.Chart) *chart.Chart {
	duplicate, metadata := *original, *original.Metadata
	metadata.Dependencies = make([]*chart.Dependency, 0, len(original.Metadata.Dependencies))
	for _, dependency := range original.Metadata.Dependencies {
		if dependency != nil {
			one := *dependency
			metadata.Dependencies = append(metadata.Dependencies, &one)
		}
	}
	if original.Metadata.Dependencies == nil {
		metadata.Dependencies = nil // Helm tells none from an empty list
	}
	duplicate.Metadata = &metadata
	duplicate.Values, _ = copyValue(original.Values).(map[string]any)
	duplicate.SetDependencies()
	for _, dependency := range original.Dependencies() {
		duplicate.AddDependency(copyChart(dependency))
	}
	return &duplicate
}

func copyValue(value any) any {
	switch value := value.(type) {
	case map[string]any:
		if value == nil {
			return value
		}
		duplicate := make(map[string]any, len(value))
		for key, child := range value {
			duplicate[key] = copyValue(child)
		}
		return duplicate
	case []any:
		duplicate := make([]any, len(value))
		for i, child := range value {
			duplicate[i] = copyValue(child)
		}
		return duplicate
	}
	return value
}
