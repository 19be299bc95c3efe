package kustomize

import (
	"slices"
	"testing"
)

func TestOnlyWhatSourceControllerPacksIsBuilt(t *testing.T) {
	listed := "configMapGenerator: [{name: c, files: [logo.png]}]\ngeneratorOptions: {disableNameSuffixHash: true}\n"
	for name, c := range map[string]struct {
		files  map[string]string
		ignore string
		want   []string // nil: the build fails
	}{
		"defaults leave out images":          {map[string]string{"a/kustomization.yaml": listed, "a/logo.png": "x"}, "", nil},
		"given patterns replace defaults":    {map[string]string{"a/kustomization.yaml": listed, "a/logo.png": "x", ".sourceignore": "/docs/\n"}, "", []string{"ConfigMap/c"}},
		"patterns of another folder as well": {map[string]string{"a/kustomization.yaml": listed, "a/logo.png": "x", "b/.sourceignore": "*.md\n"}, "", []string{"ConfigMap/c"}},
		"the source's patterns as well":      {map[string]string{"a/kustomization.yaml": listed, "a/logo.png": "x"}, "/docs/", []string{"ConfigMap/c"}},
		"a comment is no pattern":            {map[string]string{"a/kustomization.yaml": listed, "a/logo.png": "x", ".sourceignore": "# none\n"}, "", nil},
		"the source's patterns win":          {map[string]string{"a/x.yaml": named("x"), "a/y.yaml": named("y"), ".sourceignore": "y.yaml\n"}, "!y.yaml\nx.yaml", []string{"ConfigMap/y"}},
		"all but a folder":                   {map[string]string{"a/x.yaml": named("x"), "b/y.yaml": named("y")}, "/*\n!/a", []string{"ConfigMap/x"}},
		"a folder in an ignored one":         {map[string]string{"a/b/x.yaml": named("x"), "a/y.yaml": named("y")}, "/*\n!/a/b", []string{"ConfigMap/x"}},
		"the folder itself is ignored":       {map[string]string{"a/x.yaml": named("x")}, "/a/", nil},
		"patterns count below their file":    {map[string]string{"a/x.yaml": named("x"), "a/b/y.yaml": named("y"), "a/b/.sourceignore": "*.yaml\n"}, "", []string{"ConfigMap/x"}},
		"git's own files never":              {map[string]string{"a/x.yaml": named("x"), "a/.git/y.yaml": named("y"), "a/.gitmodules": "x"}, "/docs/", []string{"ConfigMap/x"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, checkout(t, c.files), "a", nil, map[string]any{"ignore": c.ignore})
			if (got.Failure == nil) != (c.want != nil) || !slices.Equal(got.names(), c.want) {
				t.Errorf("%v %+v", got.names(), got.Failure)
			}
		})
	}
}

func TestALinkIsPartOfTheTrace(t *testing.T) {
	root := checkout(t, map[string]string{"a/kustomization.yaml": "resources: [b, x.yaml]\n", "a/b": "->../b", "a/x.yaml": "->../x.yaml", "x.yaml": named("x"), "b/kustomization.yaml": "resources: [y.yaml]\n", "b/y.yaml": named("y")})
	got := ask(t, root, "a", nil, nil)
	if got.Failure != nil || !slices.Equal(got.Trace.Links, []string{"a/b", "a/x.yaml"}) {
		t.Errorf("%+v %v", got.Failure, got.Trace.Links)
	}
	if got := ask(t, root, "a/b", map[string]any{"namePrefix": "p-"}, nil); !slices.Equal(got.names(), []string{"ConfigMap/p-y"}) {
		t.Errorf("a path that is a link: %v %+v", got.names(), got.Failure)
	}
}
