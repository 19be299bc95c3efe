package custom

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	rules "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// definition is a CustomResourceDefinition and what was made of it so far.
type definition struct {
	crd      *v1.CustomResourceDefinition
	unproven bool // nobody looked yet whether an API server would take it
	mutex    sync.Mutex
	compiled map[string]outcome
}

// outcome is a version that can be served, nothing if the definition has no such version, or why it cannot be.
type outcome struct {
	version *version
	err     error
}

// read takes a definition as the API server would store it, with its defaults.
func read(body []byte) (*definition, error) {
	crd := &v1.CustomResourceDefinition{}
	if err := json.Unmarshal(body, crd); err != nil {
		return nil, err
	}
	if crd.APIVersion != v1.SchemeGroupVersion.String() || crd.Kind != "CustomResourceDefinition" {
		return nil, fmt.Errorf("no matches for kind %q in version %q, a CustomResourceDefinition of %s is needed", crd.Kind, crd.APIVersion, v1.SchemeGroupVersion)
	}
	apiserver.Scheme.Default(crd)
	if crd.Spec.Group == "" || crd.Spec.Names.Kind == "" || crd.Spec.Names.Plural == "" || len(crd.Spec.Versions) == 0 {
		return nil, fmt.Errorf("%q defines no group, kind, plural name or version", crd.Name)
	}
	crd.Status.AcceptedNames = crd.Spec.Names
	return &definition{crd: crd, compiled: map[string]outcome{}}, nil
}

func (d *definition) defines(kind schema.GroupVersionKind) bool {
	return d.crd.Spec.Group == kind.Group && d.crd.Spec.Names.Kind == kind.Kind
}

// served gives a version as it is served, nil if it is not. Each is compiled once, when the first object asks for it: CEL takes its time.
func (d *definition) served(name string) (*version, error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	found, there := d.compiled[name]
	if !there {
		found = d.attempt(name)
		d.compiled[name] = found
	}
	return found.version, found.err
}

// attempt compiles a version. A definition that brings the libraries down is one that cannot be served.
func (d *definition) attempt(name string) (made outcome) {
	defer func() {
		if fault := recover(); fault != nil {
			made = outcome{err: fmt.Errorf("the API server's library panicked: %v", fault)}
		}
	}()
	for i := range d.crd.Spec.Versions {
		if declared := &d.crd.Spec.Versions[i]; declared.Name == name && declared.Served {
			if err := d.prove(); err != nil {
				return outcome{err: err}
			}
			compiled, err := d.compile(declared)
			return outcome{compiled, err}
		}
	}
	return outcome{}
}

// prove asks the API server's rules for definitions. One that it would refuse, say for a schema that is not structural or a CEL rule that costs
// too much, defines nothing.
func (d *definition) prove() error {
	if !d.unproven {
		return nil
	}
	internal := &apiextensions.CustomResourceDefinition{}
	if err := v1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(d.crd.DeepCopy(), internal, nil); err != nil {
		return err
	}
	internal.Status.StoredVersions = nil // the server counts the stored version as it creates the definition
	for _, version := range internal.Spec.Versions {
		if version.Storage {
			internal.Status.StoredVersions = append(internal.Status.StoredVersions, version.Name)
		}
	}
	if errs := rules.ValidateCustomResourceDefinition(context.Background(), internal); len(errs) > 0 {
		return errs[0]
	}
	d.unproven = false
	return nil
}
