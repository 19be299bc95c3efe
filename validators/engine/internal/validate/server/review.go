package server

import (
	"context"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
)

// Reviewer looks at an object that its registry has accepted, as the policies of a cluster do. The interfaces are those of its kind.
type Reviewer func(attributes admission.Attributes, interfaces admission.ObjectInterfaces)

type reviewerKey struct{}

// WithReviewer has what is judged in a context reviewed.
func WithReviewer(ctx context.Context, reviewer Reviewer) context.Context {
	return context.WithValue(ctx, reviewerKey{}, reviewer)
}

// review shows an accepted object to the reviewer, if there is one.
func (t *Target) review(ctx context.Context, object runtime.Object, name string) {
	t.reviewed(ctx, t.attributes(ctx, object, name))
}

func (t *Target) reviewed(ctx context.Context, attributes admission.Attributes) {
	if reviewer, there := ctx.Value(reviewerKey{}).(Reviewer); there {
		reviewer(attributes, interfaces{target: t})
	}
}

// interfaces are what plugins ask about a kind: how to convert it, and where else it is served.
type interfaces struct {
	admission.ObjectInterfaces
	target *Target
}

// GetObjectCreater implements admission.ObjectInterfaces.
func (i interfaces) GetObjectCreater() runtime.ObjectCreater { return i.target.Creater }

// GetObjectConvertor implements admission.ObjectInterfaces.
func (i interfaces) GetObjectConvertor() runtime.ObjectConvertor { return i.target.Converter }

// GetEquivalentResourceMapper implements admission.ObjectInterfaces.
func (i interfaces) GetEquivalentResourceMapper() runtime.EquivalentResourceMapper {
	return i.target.Equivalents
}
