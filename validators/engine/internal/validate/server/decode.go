package server

import (
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"

	"gitops-validate/engine/internal/validate/cause"
)

// read gives the internal object that a request's body stands for.
func (r *resource) read(s *Server, object *Object, mode cause.Mode) (runtime.Object, error) {
	if mode == cause.ServerSide {
		return s.apply(r, object.Values())
	}
	if decoded, _, err := r.quickly.Decode(object.Body, &r.Kind, r.Registry.New()); err == nil {
		return decoded, nil
	}
	decoded, _, err := r.strictly.Decode(object.Body, &r.Kind, r.Registry.New())
	if err != nil {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", r.Kind.Kind, r.Kind.Version, r.Kind.Kind, err))
	}
	return decoded, nil
}

// decoders are the server's own, strict, for creates, and the same with the kind known beforehand: to find it, the server's goes over the whole body
// once more. What the quicker one refuses, for whatever reason, is the other's to judge.
type decoders struct{ quickly, strictly runtime.Decoder }

func (r *resource) makeDecoders() {
	info, _ := runtime.SerializerInfoForMediaType(r.codecs.SupportedMediaTypes(), runtime.ContentTypeJSON)
	known := json.NewSerializerWithOptions(interpreted(r.Kind), r.scheme, r.scheme, json.SerializerOptions{Strict: true})
	r.decoders = decoders{r.codecs.DecoderToVersion(known, r.hub()), r.codecs.DecoderToVersion(info.StrictSerializer, r.hub())}
}

// interpreted is a kind that has been read from the body.
type interpreted schema.GroupVersionKind

// Interpret implements json.MetaFactory.
func (i interpreted) Interpret([]byte) (*schema.GroupVersionKind, error) {
	kind := schema.GroupVersionKind(i)
	return &kind, nil
}
