package policies

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	listers "k8s.io/client-go/listers/core/v1"
)

// namespaces are those of an environment. Of any other nothing is known but its name.
type namespaces struct {
	listers.NamespaceLister
	known map[string]*corev1.Namespace
}

// newNamespaces holds those that every API server makes.
func newNamespaces() *namespaces {
	found := &namespaces{known: map[string]*corev1.Namespace{}}
	for _, name := range []string{metav1.NamespaceDefault, metav1.NamespaceSystem, metav1.NamespacePublic, corev1.NamespaceNodeLease} {
		found.add(bare(name))
	}
	return found
}

func bare(name string) *corev1.Namespace {
	return &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelMetadataName: name}},
		Spec:       corev1.NamespaceSpec{Finalizers: []corev1.FinalizerName{corev1.FinalizerKubernetes}},
		Status:     corev1.NamespaceStatus{Phase: corev1.NamespaceActive},
	}
}

func (n *namespaces) add(namespace *corev1.Namespace) { n.known[namespace.Name] = namespace }

// Get implements listers.NamespaceLister: objects lie in namespaces that exist.
func (n *namespaces) Get(name string) (*corev1.Namespace, error) {
	if found := n.known[name]; found != nil {
		return found, nil
	}
	return bare(name), nil
}
