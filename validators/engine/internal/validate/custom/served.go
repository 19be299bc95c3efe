package custom

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"gitops-validate/engine/internal/validate/cause"
)

// flux ends the groups whose definitions are those of the Flux that we render like. Of other products, a cluster may well run an older or a newer release.
const flux = ".toolkit.fluxcd.io"

// isDated is set where a definition is that of one release among many, so that it says nothing of a version that it does not serve.
func (d *definition) isDated(origin string) bool {
	return origin == "bundle" && !strings.HasSuffix(d.crd.Spec.Group, flux)
}

// notServed says that a version is not among those of a definition, and which are.
func (d *definition) notServed(kind schema.GroupVersionKind, origin string) cause.Cause {
	versions := strings.Join(d.versions(), ", ")
	message := fmt.Sprintf("no matches for kind %q in version %q, it is served as %s", kind.Kind, kind.GroupVersion(), versions)
	if d.isDated(origin) {
		message += " in the release that is known here: if your cluster has another, add its CustomResourceDefinition to the repository, or `gitops-validate schemas add FILE`"
	}
	return cause.Cause{Field: "apiVersion", Pointer: "/apiVersion", Reason: "NotFound", Message: message}
}

// versions are those that are served, with their group.
func (d *definition) versions() (served []string) {
	for _, version := range d.crd.Spec.Versions {
		if version.Served {
			served = append(served, d.crd.Spec.Group+"/"+version.Name)
		}
	}
	return served
}
