package kustomize

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/wire"
)

// ownerGroup prefixes the labels by which kustomize-controller marks what it applied.
const ownerGroup = "kustomize.toolkit.fluxcd.io"

// errUnreadable stands for errors that quote the object.
var errUnreadable = errors.New("an object cannot be written as JSON: its keys must be texts")

// commonFields is spec.commonMetadata.
type commonFields struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

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
		b.label(data, flux.Spec.CommonMetadata)
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
	data, err := resource.Map()
	if err != nil {
		return object, nil, b.failureIn(mark.origin.Path, errUnreadable)
	}
	var failure *fault.Failure
	if object.Encrypted, failure = b.decrypt(resource, data, mark.origin); failure != nil {
		return object, nil, failure
	}
	body, err := json.Marshal(data)
	if err == nil && object.Encrypted {
		err = resource.UnmarshalJSON(body)
	}
	if err != nil {
		return object, nil, b.failureIn(mark.origin.Path, errUnreadable)
	}
	var substituted bool
	if object.Variables, substituted, failure = b.substitute(resource, body, mark.origin); failure != nil {
		return object, nil, failure
	}
	if substituted {
		if data, err = resource.Map(); err != nil {
			return object, nil, b.failureIn(mark.origin.Path, errUnreadable)
		}
	}
	object.APIVersion, object.Kind, object.Name, object.Namespace = resource.GetApiVersion(), resource.GetKind(), resource.GetName(), resource.GetNamespace()
	return object, data, nil
}

// decrypts reports whether the Kustomization has spec.decryption, as far as the caller says.
func (b *build) decrypts() bool { return b.args.Decrypt == nil || *b.args.Decrypt }

// decrypt puts placeholders in place of ciphertext. A Secret whose sops field is left is not applied.
func (b *build) decrypt(resource *resource.Resource, data map[string]any, origin Origin) (found bool, failure *fault.Failure) {
	if b.decrypts() {
		var err error
		if found, err = placeholders(data); err != nil {
			return false, b.failureIn(origin.Path, fmt.Errorf("%s/%s holds %w", resource.GetKind(), resource.GetName(), err))
		}
		found = found || b.unsealed && isFilled(data)
	}
	if _, left := data["sops"]; left && resource.GetKind() == "Secret" && resource.GetApiVersion() == "v1" {
		message := fmt.Sprintf("Secret %s is SOPS encrypted, configuring decryption is required for this secret to be reconciled", resource.GetName())
		return false, &fault.Failure{Reason: "encrypted-secret", Message: message, Path: origin.Path}
	}
	return found, nil
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
