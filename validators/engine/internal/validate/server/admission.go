package server

import (
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kubernetes/pkg/apis/core"
	scheduling "k8s.io/kubernetes/pkg/apis/scheduling/v1"
)

// admit does what the default admission plugins decide from the object alone. What they decide from other objects (whether a PriorityClass or a
// RuntimeClass exists) is not known here.
func (r *resource) admit(object runtime.Object) error {
	pod, is := object.(*core.Pod)
	if !is {
		return nil
	}
	return priority(pod)
}

// priority follows plugin/pkg/admission/priority: a pod's priority comes from its class and may not differ from it.
func priority(pod *core.Pod) error {
	var computed int32
	for _, class := range scheduling.SystemPriorityClasses() {
		if class.Name == pod.Spec.PriorityClassName {
			computed = class.Value
		}
	}
	if pod.Spec.Priority == nil || *pod.Spec.Priority == computed || pod.Spec.PriorityClassName != "" && computed == 0 {
		return nil
	}
	return apierrors.NewForbidden(core.Resource("pods"), pod.Name,
		fmt.Errorf("the integer value of priority (%d) must not be provided in pod spec; priority admission controller computed %d from the given PriorityClass name", *pod.Spec.Priority, computed))
}
