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

// objects finishes what kustomize built: in the order in which kustomize-controller does it, from decryption to labels.
func (b *build) objects(resources resmap.ResMap) ([]Object, wire.Blobs, *fault.Failure) {
	wanted, err := b.spec()
	if err != nil {
		return nil, nil, b.failure(err)
	}
	objects, blobs := []Object{}, wire.Blobs{}
	for _, resource := range resources.Resources() {
		object, data, failure := b.finish(resource)
		if failure != nil {
			return nil, nil, failure
		}
		b.label(data, wanted.CommonMetadata)
		body, err := json.Marshal(data)
		if err != nil {
			return nil, nil, b.failureIn(object.Origin.Path, err)
		}
		object.Blob = blobs.Add(body)
		objects = append(objects, object)
	}
	return objects, blobs, nil
}

func (b *build) finish(resource *resource.Resource) (Object, map[string]any, *fault.Failure) {
	origin, patches, err := b.takeOrigin(resource)
	if err != nil {
		return Object{}, nil, b.failure(err)
	}
	object := Object{Origin: origin, Patches: patches}
	if resource.GetName() == "" || resource.GetKind() == "" || resource.GetApiVersion() == "" {
		return object, nil, b.failureIn(origin.Path, errors.New("an object without apiVersion, kind or metadata.name"))
	}
	if object.Encrypted, err = b.decrypt(resource, origin); err != nil {
		return object, nil, b.failureIn(origin.Path, fmt.Errorf("%s/%s cannot be read as an encrypted object", resource.GetKind(), resource.GetName()))
	}
	var failure *fault.Failure
	if object.Variables, failure = b.substitute(resource, origin); failure != nil {
		return object, nil, failure
	}
	data, err := marshal(resource)
	if err != nil {
		return object, nil, b.failureIn(origin.Path, err)
	}
	object.APIVersion, object.Kind, object.Name, object.Namespace = resource.GetApiVersion(), resource.GetKind(), resource.GetName(), resource.GetNamespace()
	return object, data, nil
}

// decrypt puts placeholders in place of ciphertext.
func (b *build) decrypt(resource *resource.Resource, origin Origin) (bool, error) {
	data, err := marshal(resource)
	if err != nil {
		return false, err
	}
	if !placeholders(data) {
		return origin.Generator == "SecretGenerator" && b.sealed[origin.GeneratedBy], nil
	}
	body, err := json.Marshal(data)
	if err != nil {
		return false, err
	}
	return true, resource.UnmarshalJSON(body)
}

// label sets spec.commonMetadata and then the owner's labels, which win.
func (b *build) label(data map[string]any, common *commonFields) {
	metadata, _ := data["metadata"].(map[string]any)
	if metadata == nil {
		return
	}
	labels, annotations := texts(metadata["labels"]), texts(metadata["annotations"])
	if common != nil {
		add(labels, common.Labels)
		add(annotations, common.Annotations)
	}
	add(labels, map[string]string{ownerGroup + "/name": b.flux.GetName(), ownerGroup + "/namespace": b.flux.GetNamespace()})
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
