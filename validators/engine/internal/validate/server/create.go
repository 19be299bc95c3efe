package server

import (
	"context"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/warning"

	"gitops-validate/engine/internal/quick"
	"gitops-validate/engine/internal/validate/cause"
)

// warnings collects what the server would send in Warning headers.
type warnings []string

// AddWarning implements warning.Recorder. As in the server, what was said is not said again.
func (w *warnings) AddWarning(_, text string) {
	if len(*w) < mostWarnings && !slices.Contains(*w, text) {
		*w = append(*w, text)
	}
}

// Judge says what the server would answer to one object. An object that names no namespace goes to the given one; with none given, it goes nowhere.
// Known is false when no built-in group has the kind.
func (s *Server) Judge(ctx context.Context, object *Object, mode cause.Mode, namespace string) (verdict Verdict, known bool) {
	kind, failure := kindOf(object.Head)
	if failure != nil {
		return Verdict{Causes: []cause.Cause{*failure}}, true
	}
	if !s.Knows(kind.Group) {
		return Verdict{}, false
	}
	found := s.kinds[kind]
	if found == nil {
		return s.notServed(kind), true
	}
	var err error
	verdict.Warnings, err = found.Send(ctx, object.Head, namespace, func() (runtime.Object, error) { return found.read(s, object, mode) })
	if err != nil {
		verdict.Causes = found.locate(Causes(err, object.Values()), object.Values())
	}
	verdict.Deprecated = s.deprecated(found)
	return verdict, true
}

func kindOf(head quick.Head) (schema.GroupVersionKind, *cause.Cause) {
	if head.Kind == "" {
		return schema.GroupVersionKind{}, &cause.Cause{Field: "kind", Reason: "BadRequest", Message: "Object 'Kind' is missing"}
	}
	if head.APIVersion == "" {
		return schema.GroupVersionKind{}, &cause.Cause{Field: "apiVersion", Reason: "BadRequest", Message: "Object 'apiVersion' is missing"}
	}
	parsed, err := schema.ParseGroupVersion(head.APIVersion)
	if err != nil {
		return schema.GroupVersionKind{}, &cause.Cause{Field: "apiVersion", Pointer: "/apiVersion", Reason: "BadRequest", Message: err.Error()}
	}
	return parsed.WithKind(head.Kind), nil
}

// Send carries out what the server's handlers do between reading a request's body, which decode does, and the registry; see
// k8s.io/apiserver/pkg/endpoints/handlers. It returns the server's warnings and its refusal.
func (t *Target) Send(ctx context.Context, head quick.Head, namespace string, decode func() (runtime.Object, error)) ([]string, error) {
	var recorded warnings
	ctx = t.context(ctx, &recorded, head, namespace)
	if t.Namespaced && request.NamespaceValue(ctx) == "" {
		return nil, nowhere
	}
	object, err := decode()
	if err != nil {
		return recorded, err
	}
	accessor, err := meta.Accessor(object)
	if err != nil {
		return recorded, apierrors.NewBadRequest(err.Error())
	}
	rest.WipeObjectMetaSystemFields(accessor)
	accessor.SetManagedFields(nil) // the field manager of the server writes its own
	expected := rest.ExpectedNamespaceForResource(request.NamespaceValue(ctx), t.Resource)
	if err := rest.EnsureObjectNamespaceMatchesRequestNamespace(expected, accessor); err != nil {
		return recorded, err
	}
	if err := admit(ctx, object); err != nil {
		return recorded, err
	}
	return recorded, t.create(ctx, accessor.GetName(), object)
}

// nowhere is the answer to an object that is sent to no namespace, where its kind has no address, in the words of fluxcd/pkg/ssa.
var nowhere = &apierrors.StatusError{ErrStatus: metav1.Status{
	Reason: metav1.StatusReasonNotFound,
	Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{{
		Type: metav1.CauseType(metav1.StatusReasonNotFound), Field: "metadata.namespace",
		Message: "namespace not specified: the server could not find the requested resource",
	}}},
}}

func (t *Target) create(ctx context.Context, name string, object runtime.Object) error {
	options := &metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}, FieldValidation: metav1.FieldValidationStrict}
	if creater, is := t.Registry.(rest.NamedCreater); is {
		_, err := creater.Create(ctx, name, object, t.admitted, options)
		return err
	}
	_, err := t.Registry.(rest.Creater).Create(ctx, object, t.admitted, options)
	return err
}

// context is that of a request of a cluster administrator: nothing is refused for want of rights.
func (t *Target) context(ctx context.Context, recorded *warnings, head quick.Head, namespace string) context.Context {
	if head.Namespace != "" {
		namespace = head.Namespace
	}
	if !t.Namespaced {
		namespace = ""
	}
	if t.Resource.Group == "" && t.Resource.Resource == "namespaces" {
		namespace = head.Name
	}
	ctx = request.WithNamespace(ctx, namespace)
	ctx = warning.WithWarningRecorder(ctx, recorded)
	ctx = request.WithUser(ctx, &user.DefaultInfo{Name: "admin", Groups: []string{user.SystemPrivilegedGroup, user.AllAuthenticated}})
	return request.WithRequestInfo(ctx, &request.RequestInfo{
		IsResourceRequest: true, Verb: "create", APIGroup: t.Resource.Group, APIVersion: t.Resource.Version, Resource: t.Resource.Resource, Namespace: namespace, Name: head.Name,
	})
}
