package server

import (
	"strings"
	"testing"

	"gitops-validate/engine/internal/validate/cause"
)

func TestWhatRuntimeConfigWouldSwitchOnIsSaid(t *testing.T) {
	for kind, key := range map[string]string{
		"apiVersion: resource.k8s.io/v1beta1\nkind: ResourceClaim\n":                                    "resource.k8s.io/v1beta1",
		"apiVersion: admissionregistration.k8s.io/v1alpha1\nkind: MutatingAdmissionPolicy\n":            "admissionregistration.k8s.io/v1alpha1",
		"apiVersion: resource.k8s.io/v1beta1\nkind: ResourceClam\n":                                     "", // no kind
		"apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\n":                                       "", // gone
		"apiVersion: admissionregistration.k8s.io/v1beta1\nkind: ValidatingAdmissionPolicyBinding\n":    "", // gone
		"apiVersion: lifecycle.k8s.io/v1alpha1\nkind: EvictionRequest\nmetadata: {name: a}\nspec: {}\n": "", // behind a gate, too
	} {
		verdict := judge(t, kind, cause.Create)
		said := verdict.Causes[0].Message
		if hint := "; it is off unless runtime-config has " + key + ": true"; (key != "") != strings.HasSuffix(said, hint) || (key == "") == strings.Contains(said, "runtime-config") {
			t.Errorf("%s: %s", kind, said)
		}
	}
}
