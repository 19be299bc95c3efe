package server

import (
	"errors"

	"k8s.io/apimachinery/pkg/util/json"

	"gitops-validate/engine/internal/quick"
)

// Object is an object as it was sent. Of most objects nothing but the JSON and the head is needed.
type Object struct {
	Body []byte
	Head quick.Head

	values map[string]any
}

// NewObject takes an object as valid JSON. Any other value is an error.
func NewObject(body []byte) (*Object, error) {
	object := &Object{Body: body}
	var plain bool
	if object.Head, plain = quick.ReadHead(body); plain {
		return object, nil
	}
	if object.Values() == nil {
		return nil, errors.New("not an object")
	}
	object.Head = HeadOf(object.values)
	return object, nil
}

// Values are what is in the object, read when they are first asked for.
func (o *Object) Values() map[string]any {
	if o.values == nil {
		_ = json.Unmarshal(o.Body, &o.values) // of valid JSON, what is no object stays nil
	}
	return o.values
}

// HeadOf is the head of an object that has been read.
func HeadOf(values map[string]any) (head quick.Head) {
	metadata, _ := values["metadata"].(map[string]any)
	head.APIVersion, _ = values["apiVersion"].(string)
	head.Kind, _ = values["kind"].(string)
	head.Namespace, _ = metadata["namespace"].(string)
	head.Name, _ = metadata["name"].(string)
	return head
}
