// Package conform holds objects of custom kinds, of which no definition is known, against JSON Schemas in folders that somebody has configured, by
// kubeconform's library: its templates say which file is a kind's, its validator what that file has against an object.
//
// The library opens whatever a path or a reference leads to. So the file is found and read through the jail first (schemas.go), and a schema that
// refers to anything but what lies below it is not used.
package conform

import (
	"context"
	"fmt"
	"strings"

	"github.com/yannh/kubeconform/pkg/resource"
	"github.com/yannh/kubeconform/pkg/validator"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"gitops-validate/engine/internal/validate/cause"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

type arguments struct {
	Locations []location `json:"locations"`
}

// location is a folder of schemas: kubeconform's template of a path below a root.
type location struct {
	Root     string `json:"root"`
	Template string `json:"template"`
}

// Verdict is what the schemas say of one object: that it conforms, that it differs, that there is no schema of its kind ("unknown"), or that the
// one there is cannot be used.
type Verdict struct {
	Verdict string        `json:"verdict"`
	Schema  string        `json:"schema,omitempty"`
	Causes  []cause.Cause `json:"causes,omitempty"`
}

// Judge answers `conform`.
func Judge(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[arguments](request)
	if err != nil {
		return nil, nil, err
	}
	shelves, err := open(config, args.Locations)
	if err != nil {
		return nil, nil, err
	}
	defer shelves.close()
	verdicts := make([]Verdict, len(request.Blobs))
	for i, body := range request.Blobs {
		verdicts[i] = shelves.judge(body)
	}
	return map[string]any{"verdicts": verdicts}, nil, nil
}

// judge never panics: what brings the library down cannot be used.
func (s *shelves) judge(body []byte) (verdict Verdict) {
	defer func() {
		if fault := recover(); fault != nil {
			verdict = unusable(verdict.Schema, fmt.Sprintf("kubeconform's library panicked: %v", fault))
		}
	}()
	object, err := server.NewObject(body)
	if err != nil {
		return Verdict{Verdict: "unknown"}
	}
	found := s.find(schema.FromAPIVersionAndKind(object.Head.APIVersion, object.Head.Kind))
	switch {
	case found == nil:
		return Verdict{Verdict: "unknown"}
	case found.fault != "":
		return unusable(found.name, found.fault)
	}
	verdict.Schema = found.name
	return said(found, found.validator.ValidateResource(resource.Resource{Path: found.name, Bytes: body}))
}

func said(found *shelved, result validator.Result) Verdict {
	switch result.Status {
	case validator.Valid:
		return Verdict{Verdict: "conforms", Schema: found.name}
	case validator.Invalid:
		return Verdict{Verdict: "differs", Schema: found.name, Causes: causes(found, result)}
	case validator.Error, validator.Skipped, validator.Empty:
	}
	return unusable(found.name, "it is no JSON Schema that can be compiled")
}

func unusable(name, message string) Verdict {
	return Verdict{Verdict: "unusable", Schema: name, Causes: []cause.Cause{{Reason: "Schema", Message: name + " cannot be used: " + message}}}
}

// causes are what the library names one by one. Of several in one place it names the place alone; its whole sentence says the rest.
func causes(found *shelved, result validator.Result) []cause.Cause {
	_, sentence, _ := strings.Cut(result.Err.Error(), " - at ")
	sentence = strings.ReplaceAll(sentence, "file://"+found.root+"/", "")
	var named []cause.Cause
	for _, each := range result.ValidationErrors {
		field, message := strings.ReplaceAll(strings.TrimPrefix(each.Path, "/"), "/", "."), each.Msg
		if message == "validation failed" {
			message += ": at " + sentence
		}
		named = append(named, cause.Cause{Field: field, Pointer: each.Path, Reason: "Schema", Message: message})
	}
	if named == nil {
		named = []cause.Cause{{Reason: "Schema", Message: "validation failed: at " + sentence}}
	}
	return named
}
