// Package server answers as a kube-apiserver would, in this process and without a cluster.
//
// It does not write Kubernetes' rules again: it builds the very registries that kube-apiserver builds (storages.go), over a storage that holds
// nothing (backend.go), emulating a minor version with its feature gates (version.go, flags.go) and the APIs that are switched on (resources.go), and hands them a dry run of a create (create.go) or of a server-side apply
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
	"k8s.io/apiserver/pkg/endpoints"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/klog/v2"
	aggregatorscheme "k8s.io/kube-aggregator/pkg/apiserver/scheme"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/capabilities"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/worker"
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
	worker.APIServer
	version  *version.Version
	served   []genericapiserver.APIGroupInfo
	kinds    map[schema.GroupVersionKind]*resource
	groups   map[string]bool
	possible sync.Once
	all      map[schema.GroupVersionKind]*resource // of switchable
	appliers
}

var (
	once    sync.Once
	started *Server
	fault   error
)

// Start builds the registries of a kube-apiserver. A process has one server; another one is refused. A flag that it does not start with is Refused.
func Start(asked worker.APIServer) (*Server, error) {
	once.Do(func() { started, fault = build(asked) })
	if fault != nil {
		return nil, fault
	}
	if asked != started.APIServer {
		return nil, fmt.Errorf("this process emulates Kubernetes %s with %q and %q, not %s with %q and %q", started.KubeVersion, started.FeatureGates,
			started.RuntimeConfig, asked.KubeVersion, asked.FeatureGates, asked.RuntimeConfig)
	}
	return started, nil
}

func build(asked worker.APIServer) (*Server, error) {
	klog.SetLogger(logr.Discard()) // the libraries' notes to an operator are no part of an answer
	emulated, err := emulate(asked)
	if err != nil {
		return nil, err
	}
	capabilities.Setup(true, 0) // as kube-apiserver --allow-privileged, without which a CNI or CSI driver could not be deployed
	served, err := resources(asked.RuntimeConfig)
	if err != nil {
		return nil, err
	}
	all, err := groups(emulated, served)
	if err != nil {
		return nil, tooEarly(asked.RuntimeConfig, err)
	}
	server := &Server{APIServer: asked, version: emulated, served: all, kinds: creatable(all), groups: map[string]bool{}}
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

// Kinds are those that discovery tells of, of resources and of what is below them, in every version that is served.
func (s *Server) Kinds() (kinds []schema.GroupVersionKind) {
	for _, group := range s.served {
		for name, stores := range group.VersionedResourcesStorageMap {
			version := schema.GroupVersion{Group: group.PrioritizedVersions[0].Group, Version: name}
			for _, store := range stores {
				if kind, err := endpoints.GetResourceKind(version, store, group.Scheme); err == nil {
					kinds = append(kinds, version.WithKind(kind.Kind))
				}
			}
		}
	}
	return kinds
}
