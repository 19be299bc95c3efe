package server

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
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
	deprecated interface{ APILifecycleDeprecated() (major, minor int) }
	removed    interface{ APILifecycleRemoved() (major, minor int) }
	replaced   interface {
		APILifecycleReplacement() schema.GroupVersionKind
	}
)

// forgotten are versions whose types Kubernetes' code no longer has, with the release that stopped serving them.
var forgotten = map[schema.GroupVersionKind]struct {
	since string
	next  schema.GroupVersionKind
}{
	{Group: "autoscaling", Version: "v2beta1", Kind: "HorizontalPodAutoscaler"}: {"1.25", schema.GroupVersionKind{Group: "autoscaling", Version: "v2", Kind: "HorizontalPodAutoscaler"}},
	{Group: "autoscaling", Version: "v2beta2", Kind: "HorizontalPodAutoscaler"}: {"1.26", schema.GroupVersionKind{Group: "autoscaling", Version: "v2", Kind: "HorizontalPodAutoscaler"}},
	{Group: "policy", Version: "v1beta1", Kind: "PodSecurityPolicy"}:            {"1.25", schema.GroupVersionKind{}},
	{Group: "extensions", Version: "v1beta1", Kind: "PodSecurityPolicy"}:        {"1.16", schema.GroupVersionKind{}},
	{Group: "apiextensions.k8s.io", Version: "v1beta1", Kind: "CustomResourceDefinition"}: {
		"1.22", schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}},
	{Group: "apiregistration.k8s.io", Version: "v1beta1", Kind: "APIService"}: {
		"1.22", schema.GroupVersionKind{Group: "apiregistration.k8s.io", Version: "v1", Kind: "APIService"}},
}

// notServed is the verdict on a kind of a built-in group that this version does not serve: gone, not there yet, off by default, or no kind at all.
func (s *Server) notServed(kind schema.GroupVersionKind) Verdict {
	message := fmt.Sprintf("no matches for kind %q in version %q", kind.Kind, kind.GroupVersion())
	verdict := Verdict{Causes: []cause.Cause{{Field: "apiVersion", Pointer: "/apiVersion", Reason: "NotFound", Message: message}}}
	if since, is := s.removedSince(kind); is {
		verdict.Removed = &Lifecycle{Message: message, Since: since, Replacement: s.replacement(kind)}
	} else if next := s.replacement(kind); next != "" {
		verdict.Causes[0].Message += ", it is served as " + strings.TrimSuffix(next, " "+kind.Kind)
	} else if others, meant := s.beside(kind); others {
		verdict.Causes[0].Field, verdict.Causes[0].Pointer = "kind", "/kind"
		if meant != "" {
			verdict.Causes[0].Message += fmt.Sprintf(", did you mean %s?", meant)
		}
	}
	if verdict.Removed == nil && s.switchable()[kind] != nil {
		verdict.Causes[0].Message += fmt.Sprintf("; it is off unless runtime-config has %s: true", kind.GroupVersion())
	}
	return verdict
}

// beside tells whether the version has other kinds, so that it is the kind that is wrong, and which of them is written nearly like it.
func (s *Server) beside(kind schema.GroupVersionKind) (others bool, meant string) {
	for known := range s.kinds {
		if known.GroupVersion() != kind.GroupVersion() {
			continue
		}
		others = true
		if strings.EqualFold(strings.TrimSuffix(known.Kind, "s"), strings.TrimSuffix(kind.Kind, "s")) {
			meant = known.Kind
		}
	}
	return others, meant
}

// switchable are the kinds that the server would serve if all APIs were switched on that it has.
func (s *Server) switchable() map[schema.GroupVersionKind]*resource {
	s.possible.Do(func() {
		if everything, err := resources("api/all=true"); err == nil {
			if all, err := groups(s.version, everything); err == nil {
				s.all = creatable(all)
			}
		}
	})
	return s.all
}

// removedSince is the release that stopped serving a kind, if that is not in the future.
func (s *Server) removedSince(kind schema.GroupVersionKind) (since string, is bool) {
	if old, is := forgotten[kind]; is {
		return old.since, true
	}
	sample, err := legacyscheme.Scheme.New(kind)
	if err != nil {
		return "", false
	}
	gone, is := sample.(removed)
	if !is {
		return "", false
	}
	major, minor := gone.APILifecycleRemoved()
	return fmt.Sprintf("%d.%d", major, minor), s.version.AtLeast(version.MajorMinor(uint(major), uint(minor))) //nolint:gosec // small numbers
}

// replacement follows what the types name until something that is served, or else is a served version of the same kind; empty if nothing is.
func (s *Server) replacement(kind schema.GroupVersionKind) string {
	for next := kind; !next.Empty(); next = successor(next) {
		if s.kinds[next] != nil {
			return next.GroupVersion().String() + " " + next.Kind
		}
	}
	for _, version := range legacyscheme.Scheme.PrioritizedVersionsForGroup(kind.Group) {
		if s.kinds[version.WithKind(kind.Kind)] != nil {
			return version.String() + " " + kind.Kind
		}
	}
	return ""
}

func successor(kind schema.GroupVersionKind) schema.GroupVersionKind {
	if old, is := forgotten[kind]; is {
		return old.next
	}
	sample, err := legacyscheme.Scheme.New(kind)
	if err != nil {
		return schema.GroupVersionKind{}
	}
	next, is := sample.(replaced)
	if !is {
		return schema.GroupVersionKind{}
	}
	found := next.APILifecycleReplacement()
	if found.Kind == kind.Kind+"List" { // as networking.k8s.io/v1beta1 says of IngressClass
		found.Kind = kind.Kind
	}
	if found == kind {
		return schema.GroupVersionKind{}
	}
	return found
}

// deprecated is set for a served version that is going to be removed; the message is the server's own warning.
func (s *Server) deprecated(r *resource) *Lifecycle {
	sample, err := r.scheme.New(r.Kind)
	if err != nil || !deprecation.IsDeprecated(sample, int(s.version.Major()), int(s.version.Minor())) { //nolint:gosec // small numbers
		return nil
	}
	found := &Lifecycle{Message: deprecation.WarningMessage(setKind(sample, r.Kind)), Replacement: ""}
	if since, is := sample.(deprecated); is {
		major, minor := since.APILifecycleDeprecated()
		found.Since = fmt.Sprintf("%d.%d", major, minor)
	}
	if next := successor(r.Kind); !next.Empty() {
		found.Replacement = s.replacement(next)
	}
	return found
}

func setKind(object runtime.Object, kind schema.GroupVersionKind) runtime.Object {
	object.GetObjectKind().SetGroupVersionKind(kind)
	return object
}
