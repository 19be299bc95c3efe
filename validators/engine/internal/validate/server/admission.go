package server

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/warning"
	"k8s.io/kubernetes/pkg/apis/certificates"
	"k8s.io/kubernetes/pkg/apis/core"
	scheduling "k8s.io/kubernetes/pkg/apis/scheduling/v1"
	"k8s.io/kubernetes/plugin/pkg/admission/certificates/subjectrestriction"
	"k8s.io/kubernetes/plugin/pkg/admission/runtimeclass"
	podsecurity "k8s.io/pod-security-admission/api"
)

// admit does what the default admission plugins decide from the object alone before the registry sees it. What they decide from other
// objects (whether a PriorityClass or a RuntimeClass exists) is not known here, and said as a warning.
func admit(ctx context.Context, object runtime.Object) error {
	pod, is := object.(*core.Pod)
	if !is {
		return nil
	}
	if name := pod.Spec.RuntimeClassName; name != nil {
		warning.AddWarning(ctx, "", fmt.Sprintf("spec.runtimeClassName: refused unless the cluster has a RuntimeClass %q", *name))
	}
	return priority(ctx, pod)
}

// priority follows plugin/pkg/admission/priority: a pod's priority comes from its class and may not differ from it.
func priority(ctx context.Context, pod *core.Pod) error {
	computed, known := systemPriority(pod.Spec.PriorityClassName)
	if !known {
		warning.AddWarning(ctx, "", fmt.Sprintf("spec.priorityClassName: refused unless the cluster has a PriorityClass %q", pod.Spec.PriorityClassName))
		return nil
	}
	if pod.Spec.Priority == nil || *pod.Spec.Priority == computed {
		return nil
	}
	return apierrors.NewForbidden(core.Resource("pods"), pod.Name,
		fmt.Errorf("the integer value of priority (%d) must not be provided in pod spec; priority admission controller computed %d from the given PriorityClass name", *pod.Spec.Priority, computed))
}

func systemPriority(name string) (value int32, known bool) {
	for _, class := range scheduling.SystemPriorityClasses() {
		if class.Name == name {
			return class.Value, true
		}
	}
	return 0, name == ""
}

// admitted does what is decided once the registry has accepted an object: by the default plugins, and then by a reviewer.
func (t *Target) admitted(ctx context.Context, object runtime.Object) error {
	if err := t.plugins(ctx, object); err != nil {
		return err
	}
	if accessor, err := meta.Accessor(object); err == nil {
		t.review(ctx, object, accessor.GetName())
	}
	return nil
}

func (t *Target) plugins(ctx context.Context, object runtime.Object) error {
	switch object := object.(type) {
	case *core.Namespace:
		return podSecurityLabels(object)
	case *core.Pod:
		if object.Spec.RuntimeClassName != nil {
			return nil
		}
		return runtimeclass.NewRuntimeClass().Validate(ctx, t.attributes(ctx, object, object.Name), nil)
	case *certificates.CertificateSigningRequest:
		return subjectrestriction.NewPlugin().Validate(ctx, t.attributes(ctx, object, object.Name), nil)
	}
	return nil
}

// podSecurityLabels follows the PodSecurity plugin: a new namespace may not name a level or a version that does not exist.
func podSecurityLabels(namespace *core.Namespace) error {
	if _, errs := podsecurity.PolicyToEvaluate(namespace.Labels, podsecurity.Policy{}); len(errs) > 0 {
		return apierrors.NewInvalid(core.Kind("Namespace"), namespace.Name, errs)
	}
	return nil
}

func (t *Target) attributes(ctx context.Context, object runtime.Object, name string) admission.Attributes {
	administrator, _ := request.UserFrom(ctx)
	return admission.NewAttributesRecord(object, nil, t.Kind, request.NamespaceValue(ctx), name, t.Resource, "", admission.Create, &metav1.CreateOptions{}, false, administrator)
}

func (t *Target) replacing(ctx context.Context, object, old runtime.Object, name string) admission.Attributes {
	administrator, _ := request.UserFrom(ctx)
	return admission.NewAttributesRecord(object, old, t.Kind, request.NamespaceValue(ctx), name, t.Resource, "", admission.Update, &metav1.UpdateOptions{}, false, administrator)
}
