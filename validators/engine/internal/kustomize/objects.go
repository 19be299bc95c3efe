package kustomize

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/parse"
	"gitops-validate/engine/internal/wire"
)

// kustomizeGroup prefixes the API versions of kustomize's own files.
const kustomizeGroup = "kustomize.config.k8s.io/"

// errUnreadable stands for errors that quote the object.
var errUnreadable = errors.New("an object cannot be written as JSON: its keys must be texts")

// objects finishes what kustomize built: in the order in which kustomize-controller does it, from decryption to labels.
func (b *build) objects(resources resmap.ResMap, marks []mark) ([]Object, wire.Blobs, *fault.Failure) {
	var flux struct {
		Spec struct {
			CommonMetadata *commonFields `json:"commonMetadata"`
		} `json:"spec"`
	}
	if err := convert(b.args.Kustomization, &flux); err != nil {
		return nil, nil, &fault.Failure{Reason: "kustomize-build", Message: "spec.commonMetadata of the Kustomization: " + err.Error()}
	}
	objects, blobs := []Object{}, wire.Blobs{}
	for i, resource := range resources.Resources() {
		object, data, failure := b.finish(resource, marks[i])
		if failure != nil {
			return nil, nil, failure
		}
		if object.Kind == types.KustomizationKind && strings.HasPrefix(object.APIVersion, kustomizeGroup) {
			continue // kustomize-controller does not apply kustomize's own files
		}
		object.Lost = b.label(data, flux.Spec.CommonMetadata)
		body, err := json.Marshal(data)
		if err != nil {
			return nil, nil, b.failureIn(object.Origin.Path, errUnreadable)
		}
		object.Blob = blobs.Add(body)
		objects = append(objects, object)
	}
	return objects, blobs, nil
}

func convert(from map[string]any, to any) error {
	body, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, to)
}

func (b *build) finish(resource *resource.Resource, mark mark) (Object, map[string]any, *fault.Failure) {
	object := Object{Origin: mark.origin, Patches: mark.patches}
	if resource.GetName() == "" || resource.GetKind() == "" || resource.GetApiVersion() == "" {
		return object, nil, b.failureIn(mark.origin.Path, errors.New("an object without apiVersion, kind or metadata.name"))
	}
	data, err := content(resource)
	if err != nil {
		return object, nil, b.failureIn(mark.origin.Path, errUnreadable)
	}
	changed, failure := b.opened(resource, data, &object)
	if failure != nil {
		return object, nil, failure
	}
	body, err := json.Marshal(data)
	if err == nil && changed {
		err = resource.UnmarshalJSON(body)
	}
	if err != nil {
		return object, nil, b.failureIn(mark.origin.Path, errUnreadable)
	}
	if _, err := printed(body); err != nil {
		return object, nil, b.unprintable(err, resource, mark.origin)
	}
	var substituted bool
	if object.Variables, substituted, failure = b.substitute(resource, body, mark.origin); failure != nil {
		return object, nil, failure
	}
	if substituted {
		if data, err = content(resource); err != nil {
			return object, nil, b.failureIn(mark.origin.Path, errUnreadable)
		}
	}
	if !parse.IsPlain(body) {
		if data, err = rewritten(data); err != nil {
			return object, nil, b.failureIn(mark.origin.Path, errUnreadable)
		}
	}
	object.APIVersion, object.Kind, object.Name, object.Namespace = resource.GetApiVersion(), resource.GetKind(), resource.GetName(), resource.GetNamespace()
	if object.Namespace != "" && b.isOfCluster(resource) {
		object.Namespace = "" // the API server takes away what is written of one
		if metadata, ok := data["metadata"].(map[string]any); ok {
			delete(metadata, "namespace")
		}
	}
	return object, data, nil
}

// isOfCluster reports whether objects of a kind have no namespace. kustomize knows that of what Kubernetes had some versions ago.
func (b *build) isOfCluster(resource *resource.Resource) bool {
	gvk := resource.GetGvk()
	if gvk.IsClusterScoped() {
		return true
	}
	namespaced, known := b.scopes.Namespaced(schema.GroupVersionKind{Group: gvk.Group, Version: gvk.Version, Kind: gvk.Kind})
	return known && !namespaced
}

// content is an object as kustomize gives it away: as text, which it reads again. Decoding its nodes is quicker, and the same but where one is folded
// or a date, which the text may say otherwise.
func content(resource *resource.Resource) (data map[string]any, err error) {
	if !changesAsText(resource.YNode()) {
		return resource.Map()
	}
	body, err := resource.MarshalJSON()
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // a float cannot hold every number
	return data, decoder.Decode(&data)
}

func changesAsText(node *kyaml.Node) bool {
	if node.Kind == kyaml.ScalarNode {
		return node.Style&kyaml.FoldedStyle != 0 || date.MatchString(node.Value)
	}
	return slices.ContainsFunc(node.Content, changesAsText)
}

var date = regexp.MustCompile(`^[0-9]{4}-[0-9]`)

// printed is an object as kustomize writes it: its JSON read as YAML. Only where special characters stand in it that may fail, or give another text.
func printed(body []byte) ([]byte, error) {
	if parse.IsPlain(body) {
		return body, nil
	}
	return yaml.JSONToYAML(body)
}

// rewritten is an object as kustomize-controller applies it: read out of the YAML that kustomize wrote.
func rewritten(data map[string]any) (read map[string]any, err error) {
	body, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	if body, err = printed(body); err != nil {
		return nil, err
	}
	return read, yaml.Unmarshal(body, &read)
}

// unprintable says that kustomize cannot write an object.
func (b *build) unprintable(err error, resource *resource.Resource, origin Origin) *fault.Failure {
	failure := &fault.Failure{Reason: "kustomize-build"}
	failure.Message = fmt.Sprintf("%s/%s holds a character that kustomize cannot write: %s; keep it in binaryData, or encoded", resource.GetKind(), resource.GetName(), err)
	failure.Path, failure.Line, failure.Column = b.find(origin, unprintable)
	return failure
}

// unprintable is how such a character is written, or the character itself.
var unprintable = regexp.MustCompile(`(?i)\\(x(7f|8[0-46-9a-f]|9[0-9a-f])|u00(7f|8[0-46-9a-f]|9[0-9a-f])|ufff[ef])|[\x{7f}-\x{84}\x{86}-\x{9f}\x{fffe}\x{ffff}]`)

// decrypts reports whether the Kustomization has spec.decryption, as far as the caller says.
func (b *build) decrypts() bool { return b.args.Decrypt == nil || *b.args.Decrypt }

// opened takes the ciphertext out of an object, and reports whether it had any. A Secret whose sops field is left is not applied.
func (b *build) opened(resource *resource.Resource, data map[string]any, object *Object) (changed bool, failure *fault.Failure) {
	file := object.Origin.Path
	if name := sealedIdentity(data); name != "" {
		message := name + " is encrypted; Flux and kustomize need apiVersion, kind and metadata in plain text"
		return false, &fault.Failure{Reason: "encrypted-identity", Message: message, Path: file}
	}
	if b.decrypts() {
		var err error
		if changed, object.Encrypted, err = b.openObject(data, file); err != nil {
			return false, b.failureIn(file, fmt.Errorf("%s/%s holds %w", resource.GetKind(), resource.GetName(), err))
		}
		object.Encrypted = object.Encrypted || b.unsealed && isFilled(data)
	}
	if _, left := data["sops"]; left && resource.GetKind() == "Secret" && resource.GetApiVersion() == "v1" {
		message := fmt.Sprintf("Secret %s is SOPS encrypted, configuring decryption is required for this secret to be reconciled", resource.GetName())
		if disabled(data, "decrypt") {
			message = fmt.Sprintf("Secret %s is SOPS encrypted, and its annotation %s/decrypt keeps Flux from decrypting it", resource.GetName(), ownerGroup)
		}
		return false, &fault.Failure{Reason: "encrypted-secret", Message: message, Path: file}
	}
	return changed, nil
}
