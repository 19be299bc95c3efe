package pipeline

import (
	"strings"
	"testing"
	"time"
)

// small has the forms that GitLab's schema is made of.
const small = `{"$schema": "http://json-schema.org/draft-07/schema#", "$id": "https://gitlab.example/ci", "type": "object",
 "properties": {"stages": {"type": "array", "items": {"type": "string"}}},
 "patternProperties": {"^[.]": {}},
 "additionalProperties": {"$ref": "#/definitions/job"},
 "definitions": {
  "script": {"oneOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}}]},
  "job": {"type": "object", "additionalProperties": false, "properties": {
   "script": {"$ref": "#/definitions/script"},
   "when": {"enum": ["always", "never"]},
   "parallel": {"type": "integer"},
   "environment": {"type": "object", "properties": {"url": {"type": "string", "format": "uri"}}},
   "coverage": {"type": "string", "format": "regex", "pattern": "^/.+/$"},
   "key": {"type": "string", "pattern": "^[^/]*[^./][^/]*$"},
   "needs": {"items": {"oneOf": [{"type": "string"}, {"type": "object", "additionalProperties": false, "required": ["job"], "properties": {"job": {}}},
    {"type": "object", "additionalProperties": false, "required": ["project", "ref"], "properties": {"project": {}, "ref": {}}}]}}}}}}`

func judged(t *testing.T, text string) string {
	t.Helper()
	schema, err := compile([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, each := range schema.file("a.yml", []byte(text)).Faults {
		said = append(said, each.Pointer+" "+strings.Join(append([]string{each.Keyword}, each.Wanted...), " "))
	}
	return strings.Join(said, ", ")
}

func TestWhatIsCertain(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"in order":                           {"stages: [a]\njob: {script: [make], when: always}\n", ""},
		"a key that there is not":            {"job: {scripts: [make]}\n", "/job/scripts unknown"},
		"a wrong word":                       {"job: {when: allways}\n", "/job/when enum always never"},
		"no alternative for this type":       {"job: {script: {a: b}}\n", "/job/script type array string"},
		"the alternative that was meant":     {"job: {needs: [{project: a}]}\n", "/job/needs/0 required ref"},
		"a reference may be anything":        {"job: {script: !reference [.a, script], parallel: !reference [.a, b], when: !reference [.a, b]}\n", ""},
		"but what stands beside it is not":   {"job: {parallel: !reference [.a, b], when: x}\n", "/job/when enum always never"},
		"a job that is a reference":          {"job: !reference [.a]\n", ""},
		"an input may be anything":           {"job: {parallel: $[[ inputs.runs ]], needs: [$[[ inputs.x ]]]}\n$[[ inputs.name ]]: {script: make}\n", ""},
		"a key that an input becomes":        {"job: {$[[ inputs.key ]]: make}\n", ""},
		"variables in an address":            {"job: {environment: {url: 'https://${SLUG}.example.com'}}\n", ""},
		"commands in lists of lists":         {"job: {script: [[[a], b]]}\n", ""},
		"a map among commands":               {"job: {script: [[{a: b}]]}\n", "/job/script/0/0 type string"},
		"a pattern":                          {"job: {coverage: 'a'}\n", "/job/coverage pattern ^/.+/$"},
		"RE2, as GitLab has it":              {"job: {coverage: '/(?=a)/'}\n", "/job/coverage format regex"},
		"an anchor in two places":            {".a: &a {scripts: x}\none: *a\ntwo:\n  <<: *a\n", "/one/scripts unknown, /two/scripts unknown"},
		"each document":                      {"spec: {script: make}\n---\njob: {scripts: x}\n", "/job/scripts unknown"},
		"YAML's own tags are no references":  {"job: {parallel: !!int 3}\n", ""},
		"no YAML is somebody else's to say":  {"job: [\n", ""},
		"a broken document beside reference": {"job: !reference [\n---\njob: {scripts: x}\n", "/job/scripts unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := judged(t, c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestReferencesKnowTheirPlace(t *testing.T) {
	schema, _ := compile([]byte(small))
	found := schema.file("a.yml", []byte("a: 1\n---\njob:\n  script:\n    - make\n    - !reference [.a, script]\n")).References
	if len(found) != 1 || found[0].Document != 1 || found[0].Pointer != "/job/script/1" || strings.Join(found[0].Names, " ") != ".a script" {
		t.Errorf("got %+v", found)
	}
}

func TestAHostilePipelineTakesNoLongTime(t *testing.T) {
	var many strings.Builder
	for range 4000 {
		many.WriteString("j" + strings.Repeat("x", many.Len()%7) + ": {needs: [{a: b}], script: {}}\n")
	}
	for name, text := range map[string]string{
		"a long key before a slash": "job: {key: " + strings.Repeat("a", 1<<20) + "/}\n",
		"many jobs":                 many.String(),
		"many references":           "job: {script: [" + strings.Repeat("!reference [a, b],", 10000) + "]}\n",
		"references in references":  "job: " + strings.Repeat("!reference [", 90) + strings.Repeat("]", 90) + "\n",
		"an anchor many times":      "a: &a {scripts: !reference [x]}\njob: {needs: [" + strings.Repeat("*a,", 2000) + "]}\n",
	} {
		start := time.Now()
		schema, _ := compile([]byte(small))
		if got := len(schema.file("a.yml", []byte(text)).Faults); got > most {
			t.Errorf("%s: %d faults", name, got)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: took %s", name, took)
		}
	}
}

func TestAnotherDocumentIsNotOpened(t *testing.T) {
	if _, err := compile([]byte(`{"$ref": "file:///etc/passwd"}`)); err == nil {
		t.Error("a schema that names a file was compiled")
	}
}
