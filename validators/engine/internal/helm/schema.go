package helm

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	v2 "github.com/fluxcd/helm-controller/api/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"

	"gitops-validate/engine/internal/fault"
)

// schemaURL is the name that Helm gives a chart's schema.
const schemaURL = "file:///values.schema.json"

// validate holds the values against values.schema.json of the chart and of those it contains. Helm's own check would open any file and
// address that the schema names, so its library is called here with a loader that opens nothing.
func (r *rendering) validate(chrt *chart.Chart, values map[string]any, release *v2.HelmRelease, answer *result) error {
	if release.GetInstall().DisableSchemaValidation || !hasSchema(chrt) {
		return nil
	}
	chrt = copyChart(chrt)
	given, _ := copyValue(values).(map[string]any)
	if err := chartutil.ProcessDependencies(chrt, given); err != nil {
		return because("chart-load", "", err)
	}
	coalesced, err := util.CoalesceValues(chrt, given)
	if err != nil {
		return because("chart-load", "", err)
	}
	check := &schemaCheck{answer: answer, far: far{}}
	check.chart(chrt, coalesced, "")
	slices.SortFunc(answer.Problems, func(a, b fault.Failure) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Message, b.Message))
	})
	slices.Sort(answer.SchemaReferences)
	answer.SchemaReferences = slices.Compact(answer.SchemaReferences)
	if len(answer.Problems) == 0 {
		return nil
	}
	first := answer.Problems[0]
	return because(first.Reason, first.Field, errors.New(first.Message))
}

func hasSchema(chrt *chart.Chart) bool {
	return chrt.Schema != nil || slices.ContainsFunc(chrt.Dependencies(), hasSchema)
}

// schemaCheck gathers what the schemas say against the values, and the addresses that were not opened.
type schemaCheck struct {
	answer *result
	far    far
}

func (c *schemaCheck) chart(chrt *chart.Chart, values map[string]any, pointer string) {
	if chrt.Schema != nil {
		c.schema(chrt, values, pointer)
	}
	for _, dependency := range chrt.Dependencies() {
		switch inner := values[dependency.Name()].(type) {
		case nil:
		case map[string]any:
			c.chart(dependency, inner, pointer+"/"+escape(dependency.Name()))
		default:
			c.say(chrt, pointer+"/"+escape(dependency.Name()), fmt.Sprintf("got %T, want an object: these are the values of a chart", inner))
		}
	}
}

func (c *schemaCheck) schema(chrt *chart.Chart, values map[string]any, pointer string) {
	compiled, err := c.compile(chrt.Schema)
	if err != nil {
		c.answer.Problems = append(c.answer.Problems, fault.Failure{Reason: "chart-load", Field: chrt.Name() + "/values.schema.json", Message: err.Error()})
		return
	}
	if invalid := new(jsonschema.ValidationError); errors.As(compiled.Validate(values), &invalid) {
		arrange(invalid)
		c.violations(chrt, invalid, pointer)
	}
}

func (c *schemaCheck) compile(content []byte) (compiled *jsonschema.Schema, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("unable to validate schema: %v", panicked)
		}
	}()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if broken := new(json.SyntaxError); errors.As(err, &broken) {
		read := content[:min(max(broken.Offset, 0), int64(len(content)))]
		return nil, fmt.Errorf("values.schema.json, line %d: %w", 1+bytes.Count(read, []byte("\n")), err)
	}
	if err != nil {
		return nil, err
	}
	return c.far.compile(document, func() (*jsonschema.Schema, error) {
		compiler := jsonschema.NewCompiler()
		compiler.UseLoader(c)
		if err := compiler.AddResource(schemaURL, document); err != nil {
			return nil, err
		}
		return compiler.Compile(schemaURL)
	})
}

// Load answers for every reference to another document: a file is refused, an address allows everything and is reported.
func (c *schemaCheck) Load(url string) (any, error) {
	if strings.HasPrefix(url, "file:") {
		return nil, fmt.Errorf("the schema names the file %s, which is not part of the chart", strings.TrimPrefix(url, "file://"))
	}
	c.answer.SchemaReferences = append(c.answer.SchemaReferences, url)
	if document, named := c.far[url]; named {
		return document, nil
	}
	return true, nil
}

// arrange puts the causes in the order of the fields that they speak of. The library finds them by ranging over maps, so that the first
// reason below an alternative could be any of them, and two reports of the same repository would differ.
func arrange(found *jsonschema.ValidationError) {
	for _, cause := range found.Causes {
		arrange(cause)
	}
	slices.SortStableFunc(found.Causes, func(a, b *jsonschema.ValidationError) int {
		return cmp.Or(slices.Compare(a.InstanceLocation, b.InstanceLocation), cmp.Compare(a.Error(), b.Error()))
	})
}

// violations says each cause on its own. Alternatives stay together, since which of them was meant is unknown.
func (c *schemaCheck) violations(chrt *chart.Chart, found *jsonschema.ValidationError, pointer string) {
	switch what := found.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf, *kind.Not, *kind.Contains, *kind.PropertyNames:
	case *kind.AdditionalProperties:
		for _, property := range what.Properties {
			c.say(chrt, pointer+join(found.InstanceLocation)+"/"+escape(property), "additional property "+quote(property)+" is not allowed")
		}
		return
	default:
		for _, cause := range found.Causes {
			c.violations(chrt, cause, pointer)
		}
		if len(found.Causes) > 0 {
			return
		}
	}
	text := found.ErrorKind.LocalizedString(message.NewPrinter(language.English))
	for _, cause := range found.Causes {
		text += "; " + leaf(cause)
	}
	c.say(chrt, pointer+join(found.InstanceLocation), text)
}

// leaf is the first reason below an alternative.
func leaf(found *jsonschema.ValidationError) string {
	for len(found.Causes) > 0 {
		found = found.Causes[0]
	}
	return found.ErrorKind.LocalizedString(message.NewPrinter(language.English))
}

func (c *schemaCheck) say(chrt *chart.Chart, pointer, text string) {
	message := fmt.Sprintf("values don't meet the schema of chart %s: at %s: %s", chrt.Name(), quote(pointer), text)
	c.answer.Problems = append(c.answer.Problems, fault.Failure{Reason: "values-schema", Field: pointer, Message: message})
}

func quote(text string) string { return "'" + text + "'" }

func join(location []string) (pointer string) {
	for _, part := range location {
		pointer += "/" + escape(part)
	}
	return pointer
}

// escape writes a key as a part of a JSON Pointer.
func escape(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}
