package server

import (
	"errors"
	"strings"

	apiextensionsserver "k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apimachinery/pkg/runtime/schema"
	genericapiserver "k8s.io/apiserver/pkg/server"
	genericoptions "k8s.io/apiserver/pkg/server/options"
	"k8s.io/apiserver/pkg/server/resourceconfig"
	serverstorage "k8s.io/apiserver/pkg/server/storage"
	cliflag "k8s.io/component-base/cli/flag"
	aggregatorserver "k8s.io/kube-aggregator/pkg/apiserver"
	aggregatorscheme "k8s.io/kube-aggregator/pkg/apiserver/scheme"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/controlplane"
)

// enabled says what each of the three servers inside kube-apiserver serves.
type enabled struct{ kube, definitions, aggregation *serverstorage.ResourceConfig }

// of is what the server serves that a group belongs to.
func (e enabled) of(group genericapiserver.APIGroupInfo) *serverstorage.ResourceConfig {
	switch group.Scheme {
	case apiextensionsserver.Scheme:
		return e.definitions
	case aggregatorscheme.Scheme:
		return e.aggregation
	}
	return e.kube
}

// resources reads the flag --runtime-config, and says what is served by it.
func resources(flag string) (enabled, error) {
	values := cliflag.ConfigurationMap{}
	if err := values.Set(flag); err != nil {
		return enabled{}, &Refused{Flag: RuntimeFlag, Err: err}
	}
	found, err := merged(values)
	if err != nil {
		return enabled{}, blamed(RuntimeFlag, values, err, func(some map[string]string) error { _, err := merged(some); return err })
	}
	return found, nil
}

// merged lays a runtime configuration over the defaults, as kube-apiserver does.
func merged(values cliflag.ConfigurationMap) (found enabled, err error) {
	values = completed(values)
	options := genericoptions.APIEnablementOptions{RuntimeConfig: values}
	if err := errors.Join(options.Validate(legacyscheme.Scheme, apiextensionsserver.Scheme, aggregatorscheme.Scheme)...); err != nil {
		return found, err
	}
	if found.kube, err = resourceconfig.MergeAPIResourceConfigs(controlplane.DefaultAPIResourceConfigSource(), values, legacyscheme.Scheme); err != nil {
		return found, err
	}
	if found.definitions, err = resourceconfig.MergeAPIResourceConfigs(apiextensionsserver.DefaultAPIResourceConfigSource(), values, apiextensionsserver.Scheme); err != nil {
		return found, err
	}
	found.aggregation, err = resourceconfig.MergeAPIResourceConfigs(aggregatorserver.DefaultAPIResourceConfigSource(), values, aggregatorscheme.Scheme)
	return found, err
}

// completed names the core group as kube-apiserver's Options.Complete does, which cannot be called for that alone.
func completed(values cliflag.ConfigurationMap) cliflag.ConfigurationMap {
	found := cliflag.ConfigurationMap{}
	for key, value := range values {
		switch core := strings.TrimPrefix(key, "api/"); {
		case core == "v1" || strings.HasPrefix(core, "v1/"):
			found["/v1"] = value
		case key != "api/legacy":
			found[key] = value
		}
	}
	return found
}

// tooEarly blames the entry of a runtime configuration that asks for a resource which the emulated version does not have yet.
func tooEarly(flag string, refusal error) error {
	values := cliflag.ConfigurationMap{}
	if err := values.Set(flag); err != nil {
		return refusal
	}
	for key := range values {
		if parts := strings.Split(key, "/"); len(parts) == 3 {
			resource := schema.GroupVersionResource{Group: parts[0], Version: parts[1], Resource: parts[2]}
			if strings.Contains(refusal.Error(), "cannot enable resource "+resource.String()+" ") {
				said, _, _ := strings.Cut(refusal.Error(), ". Consider") // a flag that is none of ours
				return &Refused{RuntimeFlag, key, errors.New(said)}
			}
		}
	}
	return refusal
}
