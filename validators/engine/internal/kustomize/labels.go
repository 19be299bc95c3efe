package kustomize

import "maps"

// ownerGroup prefixes the labels by which kustomize-controller marks what it applied.
const ownerGroup = "kustomize.toolkit.fluxcd.io"

// commonFields is spec.commonMetadata.
type commonFields struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// label sets the owner's labels and then spec.commonMetadata, which wins.
func (b *build) label(data map[string]any, common *commonFields) {
	metadata, _ := data["metadata"].(map[string]any)
	if metadata == nil {
		return
	}
	labels, annotations := texts(metadata["labels"]), texts(metadata["annotations"])
	add(labels, map[string]string{ownerGroup + "/name": b.flux.GetName(), ownerGroup + "/namespace": b.flux.GetNamespace()})
	if common != nil {
		add(labels, common.Labels)
		add(annotations, common.Annotations)
	}
	metadata["labels"] = labels
	if len(annotations) > 0 {
		metadata["annotations"] = annotations
	}
}

// texts copies a mapping of labels or annotations; anything else counts as none, and the API server's verdict is about the object as it was.
func texts(value any) map[string]any {
	known, _ := value.(map[string]any)
	if known == nil {
		return map[string]any{}
	}
	return maps.Clone(known)
}

func add(to map[string]any, from map[string]string) {
	for name, value := range from {
		to[name] = value
	}
}
