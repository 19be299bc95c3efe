package helm

import (
	"encoding/json"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// definition is what naming a kind takes of a CustomResourceDefinition.
type definition struct {
	Kind string `json:"kind"`
	Spec struct {
		Group string `json:"group"`
		Scope string `json:"scope"`
		Names struct {
			Kind string `json:"kind"`
		} `json:"names"`
		Versions []struct {
			Name   string `json:"name"`
			Served bool   `json:"served"`
		} `json:"versions"`
	} `json:"spec"`
}

// definedVersions lists the API versions that definitions in crds/ bring. What cannot be read is judged later, as an object.
func definedVersions(crds []chart.CRD) (set common.VersionSet) {
	for _, crd := range crds {
		for _, document := range documents(string(crd.File.Data)) {
			var defined definition
			body, err := converted(document)
			if err != nil || json.Unmarshal(body, &defined) != nil || defined.Kind != "CustomResourceDefinition" {
				continue
			}
			for _, version := range defined.Spec.Versions {
				if version.Served {
					served := defined.Spec.Group + "/" + version.Name
					set = append(set, served, served+"/"+defined.Spec.Names.Kind)
				}
			}
		}
	}
	return set
}

// scopeNames are the scopes of custom kinds that the caller knows: "group/Kind" to "Namespaced" or "Cluster".
type scopeNames map[string]string

// scopes knows which kinds have a namespace: Kubernetes' own, those that the caller knows, and those that the release itself defines.
type scopes map[schema.GroupKind]bool

func (n scopeNames) scopes() scopes {
	known := scopes{}
	for name, scope := range n {
		if group, kind, custom := strings.Cut(name, "/"); custom {
			known[schema.GroupKind{Group: group, Kind: kind}] = scope == "Namespaced"
		}
	}
	return known
}

// learn notes what a CustomResourceDefinition defines.
func (s scopes) learn(defined map[string]any) {
	group, _, _ := unstructured.NestedString(defined, "spec", "group")
	kind, _, _ := unstructured.NestedString(defined, "spec", "names", "kind")
	scope, _, _ := unstructured.NestedString(defined, "spec", "scope")
	s[schema.GroupKind{Group: group, Kind: kind}] = scope == "Namespaced"
}

// namespaced answers for a kind, and whether it is known at all.
func (s scopes) namespaced(kind schema.GroupVersionKind) (namespaced, known bool) {
	if namespaced, known = s[kind.GroupKind()]; known {
		return namespaced, true
	}
	own, known := builtIns()[kind]
	return own.namespaced, known
}
