package server

import (
	"context"
	"reflect"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/apis/core"

	"gitops-validate/engine/internal/quick"
)

// resourceVersion is that of every object that is there.
const resourceVersion = "1"

// Update says what the server would answer to an object that is applied where an older version of it is, applied by the same manager. Known is
// false when there is nothing to say: no built-in group has the kind, the two are not of one kind, or one of them is refused by itself. What is
// accepted is shown to the reviewer of the context.
func (s *Server) Update(ctx context.Context, old, object *Object, namespace string) (verdict Verdict, known bool) {
	before, failure := kindOf(old.Head)
	after, fault := kindOf(object.Head)
	if failure != nil || fault != nil || before.GroupKind() != after.GroupKind() {
		return Verdict{}, false
	}
	was, is := s.kinds[before], s.kinds[after]
	if was == nil || is == nil {
		return Verdict{}, false
	}
	live, merged, err := s.merge(was, is, old, object, namespace)
	if err != nil {
		return Verdict{}, false
	}
	if err := is.replace(ctx, object.Head, namespace, live, merged); err != nil {
		verdict.Causes = is.locate(Causes(err, object.Values()), object.Values())
	}
	return verdict, true
}

// merge gives the object that is there, and what a server-side apply makes of it.
func (s *Server) merge(was, is *resource, old, object *Object, namespace string) (live, merged runtime.Object, err error) {
	types, err := s.types(is.scheme)
	if err != nil {
		return nil, nil, err
	}
	if live, err = was.managed(types, patch(old)); err != nil {
		return nil, nil, err
	}
	var recorded warnings
	if err = was.store(was.context(context.Background(), &recorded, old.Head, namespace), live); err != nil {
		return nil, nil, err
	}
	manager, err := is.manager(types)
	if err != nil {
		return nil, nil, err
	}
	if merged, err = manager.Apply(live.DeepCopyObject(), patch(object), FieldOwner, true); err == nil {
		keepAddress(live, merged)
	}
	return live, merged, err
}

func patch(object *Object) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: runtime.DeepCopyJSON(object.Values())}
}

// Replace says what a registry would answer to an object that takes the place of one that is there; both are as they were decoded. Known is false
// when the older one is refused by itself.
func (t *Target) Replace(ctx context.Context, head quick.Head, namespace string, old, object runtime.Object) (refused error, known bool) {
	var recorded warnings
	if err := t.store(t.context(context.Background(), &recorded, head, namespace), old); err != nil {
		return nil, false
	}
	accessor, err := meta.Accessor(object)
	if err != nil {
		return nil, false
	}
	accessor.SetResourceVersion(resourceVersion)
	return t.replace(ctx, head, namespace, old, object), true
}

func (t *Target) replace(ctx context.Context, head quick.Head, namespace string, old, object runtime.Object) error {
	found := storeOf(reflect.ValueOf(t.Registry))
	if found == nil || found.UpdateStrategy == nil {
		return nil // such as a review, of which nothing is kept
	}
	var recorded warnings
	here := t.context(ctx, &recorded, head, namespace)
	if err := rest.BeforeUpdate(found.UpdateStrategy, here, object, old); err != nil {
		return err
	}
	if accessor, err := meta.Accessor(object); err == nil {
		t.reviewed(ctx, t.replacing(here, object, old, accessor.GetName()))
	}
	return nil
}

// store makes an object one that is there, as the registry would keep it. An error says that the registry would not take it.
func (t *Target) store(ctx context.Context, object runtime.Object) error {
	accessor, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	managed := accessor.GetManagedFields()
	allocate(object)
	rest.FillObjectMetaSystemFields(accessor)
	if found := storeOf(reflect.ValueOf(t.Registry)); found != nil && found.CreateStrategy != nil {
		if err := rest.BeforeCreate(found.CreateStrategy, ctx, object); err != nil {
			return err
		}
	}
	accessor.SetResourceVersion(resourceVersion)
	accessor.SetManagedFields(managed)
	inUse(object)
	return nil
}

// address is what a Service that asks for none is given.
const address = "10.96.0.10"

// allocate gives a Service its addresses, as the registry does before its strategy is asked.
func allocate(object runtime.Object) {
	service, is := object.(*core.Service)
	if !is || service.Spec.Type == core.ServiceTypeExternalName {
		return
	}
	if service.Spec.ClusterIP == "" {
		service.Spec.ClusterIP = address
	}
	if len(service.Spec.ClusterIPs) == 0 {
		service.Spec.ClusterIPs = []string{service.Spec.ClusterIP}
	}
}

// keepAddress does with the addresses of a Service what the registry does on an update: what is no longer asked for stays, and of the two fields
// that hold the first address the one that was changed counts. See patchAllocatedValues and normalizeClusterIPs in pkg/registry/core/service/storage.
func keepAddress(live, merged runtime.Object) {
	before, was := live.(*core.Service)
	after, is := merged.(*core.Service)
	if !was || !is || after.Spec.Type == core.ServiceTypeExternalName {
		return
	}
	if after.Spec.ClusterIP == "" {
		after.Spec.ClusterIP, after.Spec.ClusterIPs = before.Spec.ClusterIP, before.Spec.ClusterIPs
	}
	if after.Spec.ClusterIP != before.Spec.ClusterIP || len(after.Spec.ClusterIPs) == 0 {
		after.Spec.ClusterIPs = nil
	}
	allocate(after) // what had none, as an ExternalName has none, is given one
}

// inUse gives an object what controllers give it once it is there, where updates depend on it: a claim is bound to a volume of its size, and the names
// of a definition are accepted, so that its scope and its kind stay what they are.
func inUse(object runtime.Object) {
	switch found := object.(type) {
	case *core.PersistentVolumeClaim:
		found.Status.Phase, found.Status.Capacity = core.ClaimBound, found.Spec.Resources.Requests.DeepCopy()
		if found.Spec.VolumeName == "" {
			found.Spec.VolumeName = "bound"
		}
	case *apiextensions.CustomResourceDefinition:
		found.Status.Conditions = []apiextensions.CustomResourceDefinitionCondition{{Type: apiextensions.Established, Status: apiextensions.ConditionTrue}}
	}
}
