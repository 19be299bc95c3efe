package kustomize

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// ownerGroup prefixes the labels by which kustomize-controller marks what it applied.
const ownerGroup = "kustomize.toolkit.fluxcd.io"

// commonFields is spec.commonMetadata.
type commonFields struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// label sets the owner's labels and then spec.commonMetadata, which wins. As Flux reads them, labels of which one is no text count as none, and
// are lost, for which it returns the reasons; so do annotations.
func (b *build) label(data map[string]any, common *commonFields) (lost [][2]string) {
	metadata, _ := data["metadata"].(map[string]any)
	if metadata == nil {
		return nil
	}
	written, _ := metadata["labels"].(map[string]any)
	for name, value := range written {
		if _, text := value.(string); !text && value != nil {
			body, _ := json.Marshal(value)
			lost = append(lost, [2]string{name, string(body)})
		}
	}
	object := unstructured.Unstructured{Object: data}
	labels := filled(object.GetLabels(), map[string]string{ownerGroup + "/name": b.flux.GetName(), ownerGroup + "/namespace": b.flux.GetNamespace()})
	if common != nil {
		labels = filled(labels, common.Labels)
		if annotations := filled(object.GetAnnotations(), common.Annotations); len(annotations) > 0 {
			object.SetAnnotations(annotations)
		}
	}
	object.SetLabels(labels)
	slices.SortFunc(lost, func(one, other [2]string) int { return strings.Compare(one[0], other[0]) })
	return lost
}

func filled(to, from map[string]string) map[string]string {
	if to == nil {
		to = map[string]string{}
	}
	maps.Copy(to, from)
	return to
}
