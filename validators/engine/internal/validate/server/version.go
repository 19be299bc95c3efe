package server

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/util/compatibility"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	basecompatibility "k8s.io/component-base/compatibility"
	"k8s.io/component-base/featuregate"

	"gitops-validate/engine/internal/worker"
)

// emulate makes this process answer as a kube-apiserver of a minor version with its feature gates: by these and by its CEL libraries. It may be
// called once, before anything else of Kubernetes is asked, since gates are read all over its code.
func emulate(asked worker.APIServer) (*version.Version, error) {
	emulated, err := version.ParseMajorMinor(strings.TrimPrefix(asked.KubeVersion, "v"))
	if err != nil {
		return nil, fmt.Errorf("Kubernetes version %q: %w", asked.KubeVersion, err)
	}
	effective := registered()
	if emulated.GreaterThan(effective.BinaryVersion()) {
		return nil, fmt.Errorf("Kubernetes %s is newer than %s, the newest that is known here", emulated, effective.BinaryVersion())
	}
	effective.SetEmulationVersion(emulated)
	gates, versioned := utilfeature.DefaultMutableFeatureGate.(featuregate.MutableVersionedFeatureGate)
	if !versioned {
		return nil, fmt.Errorf("feature gates know no versions")
	}
	if err := gates.SetEmulationVersionAndMinCompatibilityVersion(emulated, effective.MinCompatibilityVersion()); err != nil {
		return nil, err
	}
	return emulated, setGates(gates, asked.FeatureGates)
}

// Emulated is the version that this process answers as.
func Emulated() *version.Version { return registered().EmulationVersion() }

// registered is the version of the kube component that all of Kubernetes' code looks up.
func registered() basecompatibility.MutableEffectiveVersion {
	gates, _ := utilfeature.DefaultMutableFeatureGate.(featuregate.MutableVersionedFeatureGate)
	effective, _ := compatibility.DefaultComponentGlobalsRegistry.ComponentGlobalsOrRegister(
		basecompatibility.DefaultKubeComponent, compatibility.DefaultBuildEffectiveVersion(), gates)
	return effective
}
