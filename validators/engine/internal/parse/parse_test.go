package parse

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"gitops-validate/engine/internal/tree"
)

func one(t *testing.T, text string) (documents []string, problems []string) {
	t.Helper()
	start := time.Now()
	file := Parse("a.yaml", []byte(text))
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %s", took)
	}
	for _, document := range file.Documents {
		documents = append(documents, string(document.body))
	}
	for _, problem := range file.Problems {
		problems = append(problems, problem.Reason)
		if problem.Line < 1 || problem.Column < 1 {
			t.Errorf("no place: %+v", problem)
		}
	}
	return documents, problems
}

func bomb() string {
	var text strings.Builder
	text.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := range 9 {
		previous, next := string(rune('0'+i)), string(rune('1'+i))
		text.WriteString("a" + next + ": &a" + next + " [" + strings.TrimSuffix(strings.Repeat("*a"+previous+",", 9), ",") + "]\n")
	}
	return text.String()
}

func utf16le(text string) string {
	body := []byte{0xFF, 0xFE}
	for _, unit := range utf16.Encode([]rune(text)) {
		body = append(body, byte(unit), byte(unit>>8))
	}
	return string(body)
}

func TestWhatIsReadAndWhatIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, documents, problems string }{
		"plain":                                {"a: 1\n", `{"a":1}`, ""},
		"several with empty ones":              {"a: 1\n---\n---\n# only a comment\n---\nb: 2\n...\n---\nc: 3\n", `{"a":1}|{"b":2}|{"c":3}`, ""},
		"separators only":                      {"---\n", "", ""},
		"comments only":                        {"# x\n", "", ""},
		"content after the marker":             {"--- {a: 1}\n--- # c\nb: 2\n", `{"a":1}|{"b":2}`, ""},
		"a directive":                          {"%YAML 1.1\n---\na: yes\n", `{"a":true}`, ""},
		"a byte order mark":                    {"\uFEFFa: 1\n", `{"a":1}`, ""},
		"carriage returns":                     {"a: 1\r\n---\r\nb: 2\r\n", `{"a":1}|{"b":2}`, ""},
		"UTF-16":                               {utf16le("a: ä\n"), `{"a":"ä"}`, ""},
		"latin-1":                              {"a: \xe4\n", "", "encoding"},
		"NUL":                                  {"a: \x00\n", "", "yaml-syntax"},
		"tabs":                                 {"a:\n\tb: 1\n", "", "yaml-syntax"},
		"numbers as the API server reads them": {"a: 1.10\nb: 014\nc: 0o14\nd: 1e3\n", `{"a":1.1,"b":12,"c":12,"d":1000}`, ""},
		"a date is a string":                   {"a: 2001-13-45\nb: 2001-01-01\n", `{"a":"2001-13-45","b":"2001-01-01"}`, ""},
		"an integer with an impossible value":  {"a: !!int \"abc\"\n", "", "yaml-syntax"},
		"the equals sign":                      {"a: =\n", `{"a":"="}`, ""},
		"merge keys":                           {"x: &x {a: 1}\nz:\n  <<: *x\n  b: 2\n", `{"x":{"a":1},"z":{"a":1,"b":2}}`, ""},
		"duplicate keys keep the last":         {"a: 1\nb: 2\na: 3\n", `{"a":3,"b":2}`, "duplicate-key"},
		"a broken document costs only itself":  {"a: 1\n---\nb: [\n---\nc: 3\n", `{"a":1}|{"c":3}`, "yaml-syntax"},
		"an alias bomb":                        {bomb(), "", "alias-limit"},
		"an anchor in itself":                  {"a: &a [*a]\n", "", "alias-limit"},
		"100,000 levels":                       {strings.Repeat("[", 100000) + strings.Repeat("]", 100000), "", "yaml-syntax"},
		"200 levels":                           {strings.Repeat("[", 200) + strings.Repeat("]", 200), "", "too-deep"},
		"a tag in a Kubernetes object":         {"apiVersion: v1\nkind: Secret\ndata: !vault x\n", "", "unsupported-tag"},
		"GitLab's tag":                         {"job:\n  script: !reference [.a, script]\n", `{"job":{"script":[".a","script"]}}`, ""},
		"a list at the top":                    {"- a\n- b\n", `["a","b"]`, ""},
		"a separator in a quoted text is no marker": {"a: |\n  ---\n  b\n", `{"a":"---\nb\n"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			documents, problems := one(t, c.text)
			if got := strings.Join(documents, "|"); got != c.documents {
				t.Errorf("documents: got %s, want %s", got, c.documents)
			}
			if got := strings.Join(problems, "|"); got != c.problems {
				t.Errorf("problems: got %s, want %s", got, c.problems)
			}
		})
	}
}

func TestOddScalarsNeitherPanicNorHang(t *testing.T) {
	for _, text := range []string{
		"a: " + strings.Repeat("9", 5000) + "\n", "a: \"\\ud800\"\n", "a: \"\\U00110000\"\n", "a: !!binary xyz\n", "a: !!float x\n", "? [a]\n: b\n",
		"a: t25:00\n", "a: \"\\e[2J\"\n", "!!map [a]\n", "&a\n", "*a\n", "a: *b\n", ": : :\n", "{", "[", "- - - -", "<<: 1\n", "a: {<<: [1]}\n", "%TAG ! x\n---\n!y z\n",
	} {
		one(t, text)
	}
}

func TestProblemsStandInTheRightLine(t *testing.T) {
	for text, line := range map[string]int{
		"a: 1\nb: c: d\n":                                   2,
		"a: 1\n---\nb: 2\nc: [1, 2\nd: 3\n":                 4,
		"a:\n  - b\n c: 1\n":                                3,
		"a: 1\nb: 2\na: 3\n":                                3,
		"x: 1\n---\n\n\na: 1\na: 2\n":                       6,
		"a: \"unclosed\nb: 1\n":                             2,
		"metadata:\n  name: x\n  labels:\n\ta: b\n":         4,
		"a:\n  b:\n    - c: 1\n      d: 2\n   e: 3\nf: 4\n": 5,
		"a:\n  - b: 1\n    c: 2\n  d: 3\n  e: 4\n":          4,
		"a: [1,\n  2\nb: 3\nc: 4\n":                         3,
		"a: 1\nb:\n  c: {{ name }}\n":                       3,
	} {
		file := Parse("a.yaml", []byte(text))
		if len(file.Problems) != 1 || file.Problems[0].Line != line {
			t.Errorf("%q: want line %d, got %+v", text, line, file.Problems)
		}
	}
}

func TestMessagesQuoteNoValues(t *testing.T) {
	for _, text := range []string{"password: !!int hunter2\n", "a: &x hunter2\nb: !!float hunter2\n", "!!map hunter2\n", "stringData: {p: hunter2\n"} {
		for _, problem := range Parse("a.yaml", []byte(text)).Problems {
			if strings.Contains(problem.Message, "hunter2") {
				t.Errorf("%q: %s", text, problem.Message)
			}
		}
	}
}

func TestJSONFiles(t *testing.T) {
	file := Parse("a.json", []byte("{\n\t\"kind\": \"A\",\n\t\"a\": {\"b\": 1, \"b\": 2},\n\t\"kind\": \"B\"}\n{\"c\": null}"))
	if len(file.Documents) != 2 || file.Documents[0].Kind != "B" {
		t.Errorf("documents: %+v", file.Documents)
	}
	if len(file.Problems) != 2 || file.Problems[0].Line != 3 || file.Problems[1].Line != 4 {
		t.Errorf("problems: %+v", file.Problems)
	}
	broken := Parse("a.json", []byte("{\"a\": 1,\n}"))
	if len(broken.Problems) != 1 || broken.Problems[0].Line != 2 {
		t.Errorf("problems: %+v", broken.Problems)
	}
}

func TestAFieldIsFoundByItsPointer(t *testing.T) {
	text := "# c\n---\nbase: &b\n  x: 1\nlist:\n  - name: é\n    a/b: \"two words\"\n  - *b\nmerged:\n  <<: *b\n"
	for _, c := range []struct {
		query
		want tree.Place
	}{
		{query{0, "", false}, tree.Place{Line: 3, Column: 1, End: 9, Exact: true}},
		{query{0, "/list/0/a~1b", false}, tree.Place{Line: 7, Column: 5, End: 8, Exact: true}},
		{query{0, "/list/0/a~1b", true}, tree.Place{Line: 7, Column: 10, End: 21, Exact: true}},
		{query{0, "/list/0", false}, tree.Place{Line: 6, Column: 5, End: 12, Exact: true}},
		{query{0, "/list/1/x", false}, tree.Place{Line: 4, Column: 3, End: 4, Exact: true}},
		{query{0, "/merged/x", false}, tree.Place{Line: 4, Column: 3, End: 4, Exact: true}},
		{query{0, "/list/0/absent/deep", false}, tree.Place{Line: 6, Column: 5, End: 12}},
		{query{7, "/list", false}, tree.Place{}},
	} {
		if got := locate("a.yaml", []byte(text), []query{c.query})[0]; got != c.want {
			t.Errorf("%+v: got %+v, want %+v", c.query, got, c.want)
		}
	}
}

func TestWhatAValueSpans(t *testing.T) {
	text := "a: &x \"q\\\"#\" # c\nb: 'it''s'\nc: |\n  one\n  two\nd: plain text # c\ne: !t [1, 2]\nf: *x\ng: é ü\n"
	for pointer, want := range map[string][3]int{
		"/a": {1, 7, 13}, "/b": {2, 4, 11}, "/c": {3, 4, 5}, "/d": {6, 4, 14}, "/e": {7, 7, 13}, "/e/1": {7, 11, 12}, "/f": {8, 4, 6}, "/g": {9, 4, 7},
	} {
		got := locate("a.yaml", []byte(text), []query{{0, pointer, true}})[0]
		if [3]int{got.Line, got.Column, got.End} != want || !got.Exact {
			t.Errorf("%s: got %+v, want %v", pointer, got, want)
		}
	}
}

func TestAFieldOfAJSONFileIsFound(t *testing.T) {
	text := "{\n\t\"a\": {\"b\\/\": [1, \"\\ud83d\\ude00\", {\"c\": null}]}}\n{\"second\": true}"
	for _, c := range []struct {
		query
		want tree.Place
	}{
		{query{0, "/a/b~1", false}, tree.Place{Line: 2, Column: 8, End: 13, Exact: true}},
		{query{0, "/a/b~1/1", false}, tree.Place{Line: 2, Column: 19, End: 33, Exact: true}},
		{query{0, "/a/b~1/2/c", true}, tree.Place{Line: 2, Column: 41, End: 45, Exact: true}},
		{query{1, "/second", false}, tree.Place{Line: 3, Column: 2, End: 10, Exact: true}},
	} {
		if got := locate("a.json", []byte(text), []query{c.query})[0]; got != c.want {
			t.Errorf("%+v: got %+v, want %+v", c.query, got, c.want)
		}
	}
}

func TestWhereAValueIsThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\nb: x\x00y\n":                             "2:5",
		"# ä\na: 1\nb: 'x\x1b[2J'\n":                    "3:6",
		"---\na: 1\n---\nb: 1\nc: [1, !!int \"abc\"]\n": "5:8",
		"a: 1\nb: {c: !!float x}\n":                     "2:8",
		"a: 1\nb:\n  - .inf\n":                          "3:5",
	} {
		file := Parse("a.yaml", []byte(text))
		if len(file.Problems) != 1 {
			t.Fatalf("%q: %+v", text, file.Problems)
		}
		if got := fmt.Sprintf("%d:%d", file.Problems[0].Line, file.Problems[0].Column); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}
