package helm

import (
	"encoding/json"

	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
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
