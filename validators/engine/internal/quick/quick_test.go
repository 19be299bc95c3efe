package quick

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"gitops-validate/engine/internal/tree"
)

// agree fails the test if a text is converted, and not as the library does, or if what looks at a text node by node objects to it.
func agree(t *testing.T, text string) (quickly bool) {
	t.Helper()
	got, quickly := JSON(text)
	if !quickly {
		return false
	}
	want, err := yaml.YAMLToJSONStrict([]byte(text))
	if err != nil || string(got) != string(want) {
		t.Fatalf("%q\n     is %s\nand not %s (%v)", text, got, want, err)
	}
	root, err := tree.Read(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if found := tree.Inspect(root); len(found.Problems)+len(found.Tags) > 0 {
		t.Fatalf("%q: %v %v", text, found.Problems, found.Tags)
	}
	return true
}

func TestWhatManifestsConsistOfIsReadAsTheLibraryReadsIt(t *testing.T) {
	for _, text := range []string{
		"a: b\n", "a: b", "# note\n\na: b # note\n#\n", "   \na: 1\n", "    # note\na: 1", "  a: 1\n  b: -20\n  c: 0\n",
		"b: true\na: false\nc: null\nd:\ne: # note\n", "a:\n  b:\n    c: d\n  e: f\ng: h\n",
		"a:\n- b\n- c: d\n  e: f\n-\n  g: h\n-\n- - i\n  - j\nk: l\n", "a:\n  - b\n  - c\nd: e\n", "- a\n- b: c\n", "-   a: b\n    c: d\n",
		`a: "x\ny \"z\" \\ \t"` + "\n", "a: 'it''s'\n'b': \"c\"\n\"d e\": f\n", "a: \"# no note\" # note\n", "a: b <c> & \"d\" 'e'\n",
		"a: {}\nb: []\nc: [\"ALL\", a, 1, [b, 'c']]\nd: {a: b, \"c\": {d: [e]}, b: 1}\n", "a: { a: b , c: d } # note\n- \n"[:26],
		"a: |\n  b\n\n   c: d\n  # e\n\nf: |-\n  g\n\n\nh: |\n i\n", "a: |2-\n    b\n   c\n  d\ne: |1\n  f\n", "a:\n- |2\n    b\n  c\n", "- |\n  a\n- b: |-\n    c\n  d: e\n", "a:\n- |\n b\n",
		"a: 100m\nb: 1Gi\nc: 50%\nd: 10.0.0.0/8\ne: 30s\n", "a: http://b/c?d=e#f\nb: nginx:1.27\nc: --level=info\nd: /x\ne: $(X)\nf: ./x\ng: ../y\nh: 1.2.3\ni: ^(a|b)$\n",
		"a: .spec.b\nb: .infinite\n", "a: b\n  c\n  - d [e] 'f'\n\n# note\ng: h\n", "a:\n- b\n  c\n- d: e\n    f\n  g: h\n", "a: b\n   c",
		"a: 'b: c\n  # d ''e''\n  f' # note\ng: 'h\n i'\n", "a: 'b  \n    c  \n  '\n", "a:\n- 'b\n  c'\n- d: 'e\n    f'\n",
		"a: \"b \\\"c\\\"\n  d\\n\\\n  \\ e\\t \n  f\"\ng: h\n", "a: =\nb: 5xx\nc: 9223372036854775000\nd: -9223372036854775808\n",
		"a.b/c-d_e: f\n_g: h\n", "a: ä€𝄞\n# ü\nb: \"ß\"\nc: |\n  ñ\n", "a: x * y & !z\nb: \"*/5 * * * *\"\n",
	} {
		if !agree(t, text) {
			t.Errorf("%q is left to the library", text)
		}
	}
}

func TestWhatNeedsASecondLookIsLeftToTheLibrary(t *testing.T) {
	for _, text := range []string{
		"", "# note\n", "a\n", "a: b\na: c\n", "a: {b: 1, b: 2}\n", "yes: a\n", "a: yes\n", "a: No\n", "a: ~\n", "a: 1.5\n", "a: 010\n", "a: 0x1f\n", "a: 1e3\n", "a: 1_000\n",
		"a: 2001-01-01\n", "a: 9999999999999999999\n", "a: -0\n", "a: .inf\n", "1: a\n", "a: &b c\n", "a: *b\n", "a: !!str b\n", "<<: a\n", "? a\n: b\n", "a: b: c\n", "a: b:\n",
		"a: b\n\n  c\n", "a: b\n  # c\n  d\n", "a: b # c\n  d\n", "a: b\n  c: d\n", "a: b\n  c:\n", "a: b\n  c #d\n", "a: 1\n  2\n", "a: yes\n  b\n", "a: 'b\n\n  c'\n", "a: 'b\nc'\n", "a: 'b\n  c' d\n", "a: 'b\n  c\n", "a:\n  b\n", "a:\n  b: c\n d: e\n", "a: b\n c: d\n", "- a\nb: c\n", "a: b\n- c\n", "a: [b\n", "a: [b,]\n", "a: {b}\n", "a: [b: c]\n", "a: [b c]\n", "a: {b: }\n",
		"a: \"b\n\n  c\"\n", "a: \"b\nc\"\n", "a: \"b\\ \n  c\"\n", "a: \"b\n  c\" d\n", "a: \"b\n  c\n", "a: 9223372036854775808\n", `a: "\x41"` + "\n", "a: \"b\" c\n", "a: 'b\n", "a: \"b\"#c\n", "a: |+\n  b\n", "a: >\n  b\n", "a: |2\n b\n", "a: |0\n  b\n", "a: |-2\n  b\n", "a: |\n\n  b\n", "a: |\nb: c\n", "a: |\n  b",
		"a:\tb\n", "a: b\r\n", "a: b\u0085\n", "a: \u2028\n", "a: \ufeff\n", "a: b\x00\n", "%YAML 1.1\n", "a: @b\n", "a: `b\n", "a: - b\n", strings.Repeat("- ", 60) + "a\n",
		"a:\n" + strings.Repeat("- b\n", maxNodes+1), strings.Repeat("k", maxKey+1) + ": a\n", "a: b\n---\nc: d\n", "ä: b\n",
	} {
		if _, quickly := JSON(text); quickly {
			agree(t, text)
			t.Errorf("%q is converted", text)
		}
	}
}

// manifests are the documents of the repository's own YAML files, cut at their markers.
func manifests(t testing.TB) (texts []string) {
	root, err := os.OpenRoot("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"examples", "tests/repos", "tests/flux"} {
		_ = fs.WalkDir(root.FS(), folder, func(path string, _ fs.DirEntry, err error) error {
			if body, fault := root.ReadFile(path); err == nil && fault == nil && strings.HasSuffix(path, ".yaml") {
				texts = append(texts, strings.Split(string(body), "\n---\n")...)
			}
			return nil
		})
	}
	return texts
}

func TestTheRepositorysManifestsAreReadAsTheLibraryReadsThem(t *testing.T) {
	quickly, all := 0, manifests(t)
	for _, text := range all {
		if agree(t, text) {
			quickly++
		}
	}
	if quickly < 20 || quickly*10 < len(all)*7 {
		t.Errorf("of %d documents only %d are read quickly", len(all), quickly)
	}
}

// pieces are what texts are put together from at random: whatever is said of one alone must hold wherever it stands.
var pieces = []string{
	"a", "b", "key", "a.b/c", "yes", "null", "true", "~", "0", "1", "-1", "12", "007", "1.5", "1.2.3", "1e3", "0x1", "100m", "2001-01-01", "1:30", "'", "\"", "''", "\"x\"", "'y z'", "\\n", "\\", "\\u0041",
	": ", ":", ":\n", "- ", "-", "--", "---", "\n", "\n", "\n  ", "\n    ", "\n ", "\n- ", "\n  - ", " ", "  ", "#", " # c", "{", "}", "{}", "[", "]", "[]", ",", ", ", "|", "|-", "|+", ">", " |\n", " |-\n  ", " |2\n    ", " |1-\n  ", "\\\n  ",
	"&", "*", "!", "%", "@", "?", "? ", "<", "<<", "=", "$", "(", "/", "./", "../", "^", "...", "é", "\u00a0", "\t", "\r", "\u2028",
}

func TestTextsAtRandomAreReadAsTheLibraryReadsThem(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	quickly := 0
	for range 300_000 {
		text := "a: "
		if random.IntN(3) == 0 {
			text = ""
		}
		for range random.IntN(12) {
			text += pieces[random.IntN(len(pieces))]
		}
		if agree(t, text) {
			quickly++
		}
	}
	if quickly < 10_000 {
		t.Errorf("only %d texts were converted: the test says little", quickly)
	}
}

func FuzzJSON(f *testing.F) {
	for _, text := range manifests(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { agree(t, text) })
}
