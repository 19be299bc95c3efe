package validate

import (
	"encoding/json"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"

	"gitops-validate/engine/internal/validate/cause"
)

// undeclared is what structured merge says of a field that its kind does not have.
const undeclared = "field not declared in schema"

// asTyped judges an object again that is refused for nothing but fields that its kind does not have: kustomize-controller puts objects of built-in
// kinds into their Go types before it sends them, which has no place for such fields. Roles it leaves as they are.
func (j *judge) asTyped(body []byte, verdict Verdict, again func(body []byte) Verdict) ([]byte, Verdict) {
	other := func(one cause.Cause) bool { return one.Message != undeclared }
	if !j.Typed || len(verdict.Causes) == 0 || slices.ContainsFunc(verdict.Causes, other) {
		return body, verdict
	}
	rest, ok := goTyped(body)
	if !ok {
		return body, verdict
	}
	dropped := verdict.Causes
	verdict = again(rest)
	verdict.Dropped = dropped
	return rest, verdict
}

// goTyped is an object without what its Go type has no field for; not ok where it stays as it is.
func goTyped(body []byte) (rest []byte, ok bool) {
	var object unstructured.Unstructured
	if json.Unmarshal(body, &object.Object) != nil {
		return nil, false
	}
	kind := object.GroupVersionKind()
	if kind.Group == "rbac.authorization.k8s.io" && (kind.Kind == "Role" || kind.Kind == "ClusterRole") {
		return nil, false
	}
	into, err := scheme.Scheme.New(kind)
	if err != nil || runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, into) != nil {
		return nil, false
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(into)
	if err != nil {
		return nil, false
	}
	unstructured.RemoveNestedField(content, "metadata", "creationTimestamp")
	unstructured.RemoveNestedField(content, "status")
	rest, err = json.Marshal(content)
	return rest, err == nil
}
