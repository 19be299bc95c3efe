// Package server answers as a kube-apiserver would, in this process and without a cluster.
//
// It does not write Kubernetes' rules again: it builds the very registries that kube-apiserver builds (storages.go), over a storage that holds
// nothing (backend.go), emulating a minor version (version.go), and hands them a dry run of a create (create.go) or of a server-side apply
// (apply.go). What comes back is the server's own error, taken apart into fields (causes.go).
package server

import (
	"fmt"
	"sync"

	"github.com/go-logr/logr"
	apiextensionsserver "k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/klog/v2"
	aggregatorscheme "k8s.io/kube-aggregator/pkg/apiserver/scheme"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/capabilities"

	"gitops-validate/engine/internal/validate/cause"
)

// Verdict is what the server would say of one object.
type Verdict struct {
	Causes     []cause.Cause // none: the object is accepted
	Warnings   []string
	Removed    *Lifecycle // the version is not served any more, or not yet
	Deprecated *Lifecycle
}

// Server holds the registries of one Kubernetes version.
type Server struct {
	version *version.Version
	kinds   map[schema.GroupVersionKind]*resource
	groups  map[string]bool
	appliers
}

var (
	once    sync.Once
	started *Server
	fault   error
)

// Start builds the registries for a Kubernetes version, such as "1.36". A process has one server; a second version is refused.
func Start(kubeVersion string) (*Server, error) {
	once.Do(func() { started, fault = build(kubeVersion) })
	if fault != nil {
		return nil, fault
	}
	if asked, err := version.ParseMajorMinor(kubeVersion); err != nil || !asked.EqualTo(started.version) {
		return nil, fmt.Errorf("this process emulates Kubernetes %s, not %s", started.version, kubeVersion)
	}
	return started, nil
}

func build(kubeVersion string) (*Server, error) {
	emulated, err := emulate(kubeVersion)
	if err != nil {
		return nil, err
	}
	klog.SetLogger(logr.Discard()) // the libraries' notes to an operator are no part of an answer
	capabilities.Setup(true, 0)    // as kube-apiserver --allow-privileged, without which a CNI or CSI driver could not be deployed
	all, err := groups(emulated)
	if err != nil {
		return nil, err
	}
	server := &Server{version: emulated, kinds: served(all), groups: map[string]bool{}}
	for _, scheme := range []*runtime.Scheme{legacyscheme.Scheme, apiextensionsserver.Scheme, aggregatorscheme.Scheme} {
		for _, version := range scheme.PrioritizedVersionsAllGroups() { // those of the past and of later releases too
			server.groups[version.Group] = true
		}
	}
	return server, nil
}

// Knows reports whether a kind's group is built in, so that the server, and not a definition, decides about it.
func (s *Server) Knows(group string) bool { return s.groups[group] }

// Namespaced reports whether objects of a served kind live in a namespace.
func (s *Server) Namespaced(kind schema.GroupVersionKind) (namespaced, known bool) {
	found, known := s.kinds[kind]
	return known && found.Namespaced, known
}
