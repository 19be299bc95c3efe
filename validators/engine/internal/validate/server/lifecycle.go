package server

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/deprecation"
	"k8s.io/kubernetes/pkg/api/legacyscheme"

	"gitops-validate/engine/internal/validate/cause"
)

// Lifecycle says that a version of a kind goes or has gone.
type Lifecycle struct {
	Message     string `json:"message"`
	Since       string `json:"since,omitempty"`
	Replacement string `json:"replacement,omitempty"`
}

type (
	introduced interface{ APILifecycleIntroduced() (major, minor int) }
	deprecated interface{ APILifecycleDeprecated() (major, minor int) }
	removed    interface{ APILifecycleRemoved() (major, minor int) }
	replaced   interface {
		APILifecycleReplacement() schema.GroupVersionKind
	}
)

// notServed is the verdict on a kind of a built-in group that this version does not serve.
func (s *Server) notServed(kind schema.GroupVersionKind) Verdict {
	message := fmt.Sprintf("no matches for kind %q in version %q", kind.Kind, kind.GroupVersion())
	verdict := Verdict{Causes: []cause.Cause{{Field: "apiVersion", Pointer: "/apiVersion", Reason: "NotFound", Message: message}}}
	verdict.Removed = &Lifecycle{Message: message, Replacement: s.replacement(kind)}
	sample, err := legacyscheme.Scheme.New(kind)
	if err != nil {
		if verdict.Removed.Replacement == "" {
			verdict.Removed = nil // not a version that went: nobody has such a kind
		}
		return verdict
	}
	if gone, is := sample.(removed); is {
		major, minor := gone.APILifecycleRemoved()
		verdict.Removed.Since = fmt.Sprintf("%d.%d", major, minor)
	}
	if came, is := sample.(introduced); is {
		if major, minor := came.APILifecycleIntroduced(); uint(major) > s.version.Major() || uint(minor) > s.version.Minor() {
			verdict.Removed = nil // not there yet
		}
	}
	return verdict
}

// replacement is what the type says, or the version of the same kind that is served.
func (s *Server) replacement(kind schema.GroupVersionKind) string {
	if sample, err := legacyscheme.Scheme.New(kind); err == nil {
		if next, is := sample.(replaced); is {
			version, name := next.APILifecycleReplacement().ToAPIVersionAndKind()
			return version + " " + name
		}
	}
	for _, group := range []string{kind.Group, "networking.k8s.io", "apps", "policy"} {
		for _, version := range legacyscheme.Scheme.PrioritizedVersionsForGroup(group) {
			if s.kinds[version.WithKind(kind.Kind)] != nil {
				return version.String() + " " + kind.Kind
			}
		}
	}
	return ""
}

// deprecated is set for a served version that is going to be removed; the message is the server's own warning.
func (s *Server) deprecated(r *resource) *Lifecycle {
	sample, err := r.scheme.New(r.kind)
	if err != nil || !deprecation.IsDeprecated(sample, int(s.version.Major()), int(s.version.Minor())) { //nolint:gosec // small numbers
		return nil
	}
	found := &Lifecycle{Message: deprecation.WarningMessage(setKind(sample, r.kind)), Replacement: ""}
	if since, is := sample.(deprecated); is {
		major, minor := since.APILifecycleDeprecated()
		found.Since = fmt.Sprintf("%d.%d", major, minor)
	}
	if next, is := sample.(replaced); is {
		version, name := next.APILifecycleReplacement().ToAPIVersionAndKind()
		found.Replacement = version + " " + name
	}
	return found
}

func setKind(object runtime.Object, kind schema.GroupVersionKind) runtime.Object {
	object.GetObjectKind().SetGroupVersionKind(kind)
	return object
}
