package kinds

import (
	"reflect"
	"sync"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
)

// BuiltIn is what is known of one of Kubernetes' own kinds.
type BuiltIn struct {
	Namespaced bool
	Introduced [2]int // major and minor version; zero if before such notes were taken
	Removed    [2]int
}

// BuiltIns reads Kubernetes' kinds from its typed client: a method that wants a namespace serves a namespaced kind.
var BuiltIns = sync.OnceValue(func() map[schema.GroupVersionKind]BuiltIn {
	kinds := map[schema.GroupVersionKind]BuiltIn{
		apiextensions.SchemeGroupVersion.WithKind("CustomResourceDefinition"): {},
		{Group: "apiregistration.k8s.io", Version: "v1", Kind: "APIService"}:  {},
	}
	client := reflect.TypeFor[kubernetes.Interface]()
	for group := range client.NumMethod() {
		typed := client.Method(group).Type
		if typed.NumOut() != 1 || typed.Out(0).Kind() != reflect.Interface {
			continue
		}
		for one := range typed.Out(0).NumMethod() {
			getter := typed.Out(0).Method(one).Type
			for _, kind := range kindsOf(getter) {
				kinds[kind.GroupVersionKind] = BuiltIn{getter.NumIn() == 1, kind.introduced, kind.removed}
			}
		}
	}
	return kinds
})

type lifecycle struct {
	schema.GroupVersionKind
	introduced, removed [2]int
}

// kindsOf reads a kind, and since when there is one, from what its client's Create or Get returns.
func kindsOf(getter reflect.Type) (kinds []lifecycle) {
	if getter.NumOut() != 1 || getter.Out(0).Kind() != reflect.Interface {
		return nil
	}
	for _, name := range []string{"Get", "Create"} {
		method, found := getter.Out(0).MethodByName(name)
		if !found || method.Type.NumOut() != 2 || method.Type.Out(0).Kind() != reflect.Pointer {
			continue
		}
		object := reflect.New(method.Type.Out(0).Elem()).Interface()
		for gvk, known := range scheme.Scheme.AllKnownTypes() {
			if known == method.Type.Out(0).Elem() {
				kinds = append(kinds, lifecycle{gvk, introduced(object), removed(object)})
			}
		}
		return kinds
	}
	return nil
}

func introduced(object any) (at [2]int) {
	if noted, ok := object.(interface{ APILifecycleIntroduced() (int, int) }); ok {
		at[0], at[1] = noted.APILifecycleIntroduced()
	}
	return at
}

func removed(object any) (at [2]int) {
	if noted, ok := object.(interface{ APILifecycleRemoved() (int, int) }); ok {
		at[0], at[1] = noted.APILifecycleRemoved()
	}
	return at
}
