package custom

import (
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	kubernetes "k8s.io/apimachinery/pkg/util/version"
)

// numbersBound is the version of Kubernetes that began to hold numbers, and what bounds them, to the range of their format. The API server's code does so
// whatever version it emulates.
var numbersBound = kubernetes.MajorMinor(1, 36)

// asRead is a schema as a version of the API server reads it: without the formats of numbers where that takes no notice of them.
func asRead(properties *apiextensions.JSONSchemaProps, by *kubernetes.Version) *apiextensions.JSONSchemaProps {
	if properties == nil || !by.LessThan(numbersBound) {
		return properties
	}
	read := properties.DeepCopy()
	forgetNumbers(read)
	return read
}

func forgetNumbers(schema *apiextensions.JSONSchemaProps) {
	if schema == nil {
		return
	}
	if schema.Type == "integer" || schema.Type == "number" {
		schema.Format = ""
	}
	for _, named := range []map[string]apiextensions.JSONSchemaProps{schema.Properties, schema.PatternProperties, schema.Definitions} {
		for name, each := range named {
			forgetNumbers(&each)
			named[name] = each
		}
	}
	for _, listed := range [][]apiextensions.JSONSchemaProps{schema.AllOf, schema.AnyOf, schema.OneOf} {
		for i := range listed {
			forgetNumbers(&listed[i])
		}
	}
	forgetNumbers(schema.Not)
	if schema.AdditionalProperties != nil {
		forgetNumbers(schema.AdditionalProperties.Schema)
	}
	if schema.Items != nil {
		forgetNumbers(schema.Items.Schema)
		for i := range schema.Items.JSONSchemas {
			forgetNumbers(&schema.Items.JSONSchemas[i])
		}
	}
}
