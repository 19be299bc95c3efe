package parse

import (
	"context"

	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// Print answers `print`: each body, which is JSON, as YAML that every reader of Kubernetes' takes for the same values.
func Print(_ context.Context, _ *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	var blobs wire.Blobs
	for _, body := range request.Blobs {
		text, err := yaml.JSONToYAML(Escape(body)) // which reads JSON as YAML
		if err != nil {
			return nil, nil, err
		}
		blobs.Add(text)
	}
	return struct{}{}, blobs, nil
}
