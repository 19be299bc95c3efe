package server

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/component-base/featuregate"

	"gitops-validate/engine/internal/worker"
)

// gatesOfTests are of two that want each other, one that is locked, and one that comes later.
func gatesOfTests(t *testing.T) featuregate.MutableVersionedFeatureGate {
	t.Helper()
	gates := featuregate.NewVersionedFeatureGate(version.MajorMinor(1, 36))
	at := func(minor uint, stage featuregate.FeatureSpec) featuregate.VersionedSpecs {
		stage.Version = version.MajorMinor(1, minor)
		return featuregate.VersionedSpecs{stage}
	}
	if err := gates.AddVersioned(map[featuregate.Feature]featuregate.VersionedSpecs{
		"Base":   at(30, featuregate.FeatureSpec{PreRelease: featuregate.Alpha}),
		"Above":  at(30, featuregate.FeatureSpec{PreRelease: featuregate.Alpha}),
		"Locked": at(30, featuregate.FeatureSpec{PreRelease: featuregate.GA, Default: true, LockToDefault: true}),
		"Later":  at(37, featuregate.FeatureSpec{PreRelease: featuregate.Alpha}),
	}); err != nil {
		t.Fatal(err)
	}
	if err := gates.AddDependencies(map[featuregate.Feature][]featuregate.Feature{"Above": {"Base"}}); err != nil {
		t.Fatal(err)
	}
	return gates
}

func TestTheEntryToBlame(t *testing.T) {
	for flag, key := range map[string]string{
		"Base=true":                     "none",
		"Above=true,Base=true":          "none",
		"AllAlpha=true,Locked=true":     "none",
		"kube:Base=true,kube:Base=true": "none",
		"Base=true,Locked=false":        "Locked",
		"Base=true,Above=true,Later=t":  "Later",
		"Above=true,Locked=true":        "Above",
		"Zzz=true,Aaa=true,Base=true":   "Aaa",
		"Base":                          "",
		"Base=maybe":                    "",
		"wardle:Base=true":              "",
		"kube:Base=true,Above=false":    "",
	} {
		var refused *Refused
		found := "none"
		if err := setGates(gatesOfTests(t), flag); errors.As(err, &refused) {
			found = refused.Key
		}
		if found != key {
			t.Errorf("%s: %q is blamed, and not %q", flag, found, key)
		}
	}
}

func TestWhatIsSaidIsAboutTheEntryThatIsBlamed(t *testing.T) {
	for range 20 { // kube-apiserver names whichever it meets first
		if err := setGates(gatesOfTests(t), "Zzz=true,Aaa=true"); err == nil || !strings.HasSuffix(err.Error(), ": Aaa") {
			t.Fatal(err)
		}
	}
}

func TestTheRuntimeConfigurationIsReadAsKubeAPIServerReadsIt(t *testing.T) {
	beta := schema.GroupVersionResource{Group: "resource.k8s.io", Version: "v1beta1", Resource: "deviceclasses"}
	for flag, is := range map[string]bool{
		"":                             false,
		"resource.k8s.io/v1beta1":      true,
		"resource.k8s.io/v1beta1=true": true,
		"api/beta=true":                true,
		"api/beta=true,api/legacy":     true,
		"api/all=true,api/beta=false":  false,
		"api/all=false,v1=true":        false,
		"api/beta=true,resource.k8s.io/v1beta1/deviceclasses=false": false,
	} {
		found, err := resources(flag)
		if err != nil {
			t.Errorf("%s: %v", flag, err)
		} else if found.kube.ResourceEnabled(beta) != is {
			t.Errorf("%s: it is enabled: %v", flag, !is)
		}
	}
	found, err := resources("api/all=false,v1=true")
	if err != nil || !found.kube.ResourceEnabled(schema.GroupVersionResource{Version: "v1", Resource: "pods"}) {
		t.Errorf("the core group: %v", err)
	}
}

// What another server inside kube-apiserver serves is switched like the rest.
func TestDefinitionsAndAggregationAreSwitchedToo(t *testing.T) {
	off, err := resources("apiextensions.k8s.io/v1=false,apiregistration.k8s.io/v1=false")
	if err != nil {
		t.Fatal(err)
	}
	kinds := func(served enabled) map[schema.GroupVersionKind]*resource {
		all, err := groups(version.MajorMinor(1, 37), served)
		if err != nil {
			t.Fatal(err)
		}
		return creatable(all)
	}
	usual, err := resources("")
	if err != nil {
		t.Fatal(err)
	}
	before, after := kinds(usual), kinds(off)
	var gone []string
	for kind := range maps.Keys(before) {
		if after[kind] == nil {
			gone = append(gone, kind.Kind)
		}
	}
	slices.Sort(gone)
	if want := []string{"APIService", "CustomResourceDefinition"}; !slices.Equal(gone, want) {
		t.Errorf("%v are gone, and not %v", gone, want)
	}
}

func TestAServerWithOtherFlagsIsAnother(t *testing.T) {
	if _, err := Start(worker.APIServer{KubeVersion: "1.37"}); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(worker.APIServer{KubeVersion: "1.37", FeatureGates: "HPAScaleToZero=true"}); err == nil {
		t.Error("it is taken for the one that was started")
	}
}
