package helm

import (
	"encoding/json"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
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
		for _, document := range releaseutil.SplitManifests(string(crd.File.Data)) {
			var defined definition
			if yaml.Unmarshal([]byte(document), &defined) != nil || defined.Kind != "CustomResourceDefinition" {
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

func (s scopes) learn(body []byte) {
	var defined definition
	if json.Unmarshal(body, &defined) == nil && defined.Kind == "CustomResourceDefinition" {
		s[schema.GroupKind{Group: defined.Spec.Group, Kind: defined.Spec.Names.Kind}] = defined.Spec.Scope == "Namespaced"
	}
}

// namespaced answers for a kind, and whether it is known at all.
func (s scopes) namespaced(kind schema.GroupVersionKind) (namespaced, known bool) {
	if namespaced, known = s[kind.GroupKind()]; known {
		return namespaced, true
	}
	own, known := builtIns()[kind]
	return own.namespaced, known
}
