package helm

import (
	"fmt"
	"maps"
	"strings"

	v2 "github.com/fluxcd/helm-controller/api/v2"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	helm "helm.sh/helm/v4/pkg/release/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
)

// object of the result; docs/engine.md says what it means.
type object struct {
	Blob               int      `json:"blob"`
	APIVersion         string   `json:"apiVersion"`
	Kind               string   `json:"kind"`
	Namespace          string   `json:"namespace"`
	Name               string   `json:"name"`
	Origin             origin   `json:"origin"`
	CRD                bool     `json:"crd"`
	Hooks              []string `json:"hooks"`
	HookWeight         int      `json:"hook_weight"`
	NamespaceDefaulted bool     `json:"namespace_defaulted"`
	ScopeUnknown       bool     `json:"scope_unknown"`
}

type origin struct {
	Template string `json:"template"`
	Asks     bool   `json:"asks"` // whether that template asks the cluster what it has
}

// part is one object on its way into the result.
type part struct {
	object
	content unstructured.Unstructured
}

// collect turns what Helm would send to the cluster into objects as the cluster would get them: definitions first, then hooks, then the
// rest in Helm's order of installation.
func (r *rendering) collect(crds []chart.CRD, release *helm.Release, owner *v2.HelmRelease, answer *result) error {
	parts, err := definitions(crds, originLabels(owner))
	if err != nil {
		return err
	}
	for _, hook := range release.Hooks {
		found, err := split(hook.Path, hook.Manifest)
		if err != nil {
			return err
		}
		for _, one := range found {
			one.HookWeight = hook.Weight
			for _, event := range hook.Events {
				one.Hooks = append(one.Hooks, event.String())
			}
			parts = append(parts, one)
		}
	}
	manifests, err := manifests(release)
	if err != nil {
		return err
	}
	return r.deliver(append(parts, manifests...), answer)
}

// definitions reads crds/, of which helm-controller applies CustomResourceDefinitions only, with its own labels but without Helm's.
func definitions(crds []chart.CRD, labels map[string]string) (parts []part, err error) {
	for _, crd := range crds {
		found, err := split(crd.Filename, string(crd.File.Data))
		if err != nil {
			return nil, err
		}
		for _, one := range found {
			if gvk := one.content.GroupVersionKind(); gvk.Kind == "CustomResourceDefinition" && gvk.Group == "apiextensions.k8s.io" {
				one.CRD = true
				one.content.SetLabels(merged(one.content.GetLabels(), labels))
				parts = append(parts, one)
			}
		}
	}
	return parts, nil
}

// manifests reads what is no hook, and marks it as Helm's, as Helm does when it applies.
func manifests(release *helm.Release) (parts []part, err error) {
	for _, document := range strings.Split("\n"+release.Manifest, "\n---\n# Source: ")[1:] {
		template, content, _ := strings.Cut(document, "\n")
		found, err := split(template, content)
		if err != nil {
			return nil, err
		}
		for _, one := range found {
			if err := decodable(one.content.Object); err != nil {
				return nil, because("helm-render", template, err)
			}
			one.content.SetLabels(merged(one.content.GetLabels(), map[string]string{"app.kubernetes.io/managed-by": "Helm"}))
			one.content.SetAnnotations(merged(one.content.GetAnnotations(), map[string]string{
				"meta.helm.sh/release-name":      release.Name,
				"meta.helm.sh/release-namespace": release.Namespace,
			}))
			parts = append(parts, one)
		}
	}
	return parts, nil
}

// decodable says what Helm does of an object of which a label or an annotation is no text.
func decodable(object map[string]any) error {
	for _, field := range []string{"labels", "annotations"} {
		if _, _, err := unstructured.NestedNullCoercingStringMap(object, "metadata", field); err == nil {
			continue
		}
		body, err := json.Marshal(map[string]any{"metadata": object["metadata"]})
		if err == nil {
			err = json.Unmarshal(body, &metav1.PartialObjectMetadata{})
		}
		if err != nil {
			return fmt.Errorf("unable to build kubernetes objects from release manifest: unable to decode \"\": %w", err)
		}
	}
	return nil
}

func merged(into, from map[string]string) map[string]string {
	if into == nil {
		into = map[string]string{}
	}
	maps.Copy(into, from)
	return into
}

// deliver writes the objects into the reply, each with the namespace that Helm would give it.
func (r *rendering) deliver(parts []part, answer *result) error {
	known := r.args.Scopes.Scopes()
	for _, one := range parts {
		if one.content.GetKind() == "CustomResourceDefinition" {
			known.Learn(one.content.Object)
		}
	}
	for _, one := range parts {
		one.Origin.Asks = r.asking[one.Origin.Template]
		if one.content.GetKind() == "" || one.content.GetAPIVersion() == "" {
			return because("helm-render", one.Origin.Template, fmt.Errorf("%s: an object without apiVersion or kind", one.Origin.Template))
		}
		namespaced, found := known.Namespaced(one.content.GroupVersionKind())
		if one.ScopeUnknown = !found; namespaced && one.content.GetNamespace() == "" {
			one.content.SetNamespace(answer.Release.Namespace)
			one.NamespaceDefaulted = true
		} else if found && !namespaced {
			one.content.SetNamespace("") // the API server takes away what is written of one that is of the whole cluster
		}
		body, err := json.Marshal(one.content.Object)
		if err != nil {
			return err
		}
		one.Blob = r.bodies.Add(body)
		one.APIVersion, one.Kind = one.content.GetAPIVersion(), one.content.GetKind()
		one.Namespace, one.Name = one.content.GetNamespace(), one.content.GetName()
		answer.Objects = append(answer.Objects, one.object)
	}
	return nil
}
