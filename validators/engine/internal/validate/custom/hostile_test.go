package custom

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// patience is for one definition and one object of it, on a busy machine.
const patience = 10 * time.Second

// given defines a kind Thing with a schema for its spec, and judges an object with a spec of it.
func given(t *testing.T, digest, schema, spec string, mode cause.Mode) (causes []cause.Cause, err error) {
	t.Helper()
	crd := `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"things.example.org"},"spec":{"group":"example.org","scope":"Namespaced",` +
		`"names":{"kind":"Thing","plural":"things"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":` + schema + `}}}}]}}`
	args, _ := json.Marshal(map[string]string{"digest": digest})
	answer, _, err := Define(context.Background(), &worker.Config{}, wire.Request{Args: args, Blobs: [][]byte{[]byte(crd)}})
	if err != nil {
		t.Fatal(err)
	}
	if failure := answer.(defined).Failure; failure != nil {
		return nil, fmt.Errorf("define: %s", failure.Message)
	}
	started := time.Now()
	object := `{"apiVersion":"example.org/v1","kind":"Thing","metadata":{"name":"a"},"spec":` + spec + `}`
	causes, _, _, _, err = Judge(context.Background(), &worker.Config{}, []byte(object), mode, []string{digest}, "default")
	if took := time.Since(started); took > patience {
		t.Errorf("%s took %s", digest, took)
	}
	return causes, err
}

// TestDefinitionsThatAServerRefuses are of no use: their objects have no verdict, and the reason is said.
func TestDefinitionsThatAServerRefuses(t *testing.T) {
	list := `{"type":"array","items":{"type":"array","items":{"type":"array","items":{"type":"string"}}},"x-kubernetes-validations":[{"rule":"self.all(a, a.all(b, b.all(c, c.matches('(a+)+$'))))"}]}`
	for name, each := range map[string]struct{ schema, says string }{
		"not structural":     {`{"properties":{"a":{}}}`, "must not be empty"},
		"a rule with a typo": {`{"type":"object","x-kubernetes-validations":[{"rule":"self.nothing > 1"}]}`, "undefined field"},
		"a costly rule":      {`{"type":"object","properties":{"l":` + list + `}}`, "exceeds budget"},
		"a bad pattern":      {`{"type":"object","properties":{"a":{"type":"string","pattern":"(("}}}`, "valid regular expression"},
		"a bad default":      {`{"type":"object","properties":{"a":{"type":"string","default":1}}}`, "must be of type string"},
		"keys that are none": {`{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["a"],"items":{"type":"object"}}`, "must all be names of item properties"},
		"a reference":        {`{"$ref":"#/spec"}`, "$ref is not supported"},
		"a deep schema":      {strings.Repeat(`{"type":"object","properties":{"a":`, 2000) + `{"type":"string"}` + strings.Repeat(`}}`, 2000), ""},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // the second object gets the same answer, at no cost
				_, err := given(t, name, each.schema, `{}`, cause.Create)
				if each.says != "" && (err == nil || !strings.Contains(err.Error(), each.says)) {
					t.Error(err)
				}
			}
		})
	}
}

// TestLargeDefinitionsAndObjects end in time, whatever they say.
func TestLargeDefinitionsAndObjects(t *testing.T) {
	var wide, ruled []string
	for i := range 5000 {
		wide = append(wide, fmt.Sprintf(`"f%d":{"type":"string"}`, i))
	}
	for i := range 300 {
		ruled = append(ruled, fmt.Sprintf(`"f%d":{"type":"string","maxLength":9,"x-kubernetes-validations":[{"rule":"self.size() < %d"}]}`, i, i+1))
	}
	deep := strings.Repeat(`{"a":`, 5000) + `1` + strings.Repeat(`}`, 5000)
	items := strings.TrimSuffix(strings.Repeat(`{"k":"a"},`, 20000), ",")
	nested := `{"type":"object","properties":{"l":{"type":"array","maxItems":20000,"items":{"type":"object","properties":{"k":{"type":"string"}}},"x-kubernetes-validations":[{"rule":"self.all(a, has(a.k))"}]}}}`
	for name, each := range map[string]struct{ schema, spec string }{
		"wide":                    {`{"type":"object","properties":{` + strings.Join(wide, ",") + `}}`, `{}`},
		"many rules":              {`{"type":"object","properties":{` + strings.Join(ruled, ",") + `}}`, `{"f1":"ab"}`},
		"a deep object":           {`{"type":"object","x-kubernetes-preserve-unknown-fields":true}`, deep},
		"a deep unknown object":   {`{"type":"object"}`, deep},
		"a long list of a map":    {`{"type":"object","properties":{"l":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","required":["k"],"properties":{"k":{"type":"string"}}}}}}`, `{"l":[` + items + `]}`},
		"a long list with a rule": {nested, `{"l":[` + items + `]}`},
		"many unknown fields":     {`{"type":"object"}`, `{` + strings.ReplaceAll(strings.Join(wide, ","), `{"type":"string"}`, "1") + `}`},
	} {
		t.Run(name, func(t *testing.T) {
			for _, mode := range []cause.Mode{cause.Create, cause.ServerSide} {
				causes, err := given(t, name, each.schema, each.spec, mode)
				if len(causes) > 100 {
					t.Errorf("%d causes", len(causes))
				}
				if err != nil {
					t.Log(err)
				}
			}
		})
	}
}

func TestWhatIsNoDefinition(t *testing.T) {
	for _, body := range []string{``, `[]`, `null`, `{}`, `{"apiVersion":"apiextensions.k8s.io/v1beta1","kind":"CustomResourceDefinition"}`, `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","spec":{"versions":[{}]}}`, `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","spec":7}`} {
		answer, _, err := Define(context.Background(), &worker.Config{}, wire.Request{Args: []byte(`{"digest":"d"}`), Blobs: [][]byte{[]byte(body)}})
		if err != nil || answer.(defined).Failure == nil {
			t.Errorf("%s: %+v %v", body, answer, err)
		}
	}
}
