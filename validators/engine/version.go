package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// version is set when the distribution is built.
var version = "dev"

// linked are the modules whose versions say what the verdicts rest on.
var linked = []struct{ name, module string }{
	{"kubernetes", "k8s.io/kubernetes"},
	{"helm", "helm.sh/helm/v4"},
	{"kustomize", "sigs.k8s.io/kustomize/api"},
	{"flux-kustomize", "github.com/fluxcd/pkg/kustomize"},
	{"flux-helm", "github.com/fluxcd/helm-controller/api"},
	{"sops", "github.com/getsops/sops/v3"},
	{"opa", "github.com/open-policy-agent/opa"},
}

// printVersions writes a line for the engine, Go and each of the libraries that decide: its name and its version.
func printVersions(out io.Writer) {
	fmt.Fprintln(out, "gitops-engine", version)
	fmt.Fprintln(out, "go", runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH)
	info, built := debug.ReadBuildInfo()
	if !built {
		return
	}
	versions := map[string]string{}
	for _, module := range info.Deps {
		versions[module.Path] = module.Version
		if module.Replace != nil {
			versions[module.Path] = module.Replace.Version
		}
	}
	for _, library := range linked {
		if found := versions[library.module]; found != "" {
			fmt.Fprintln(out, library.name, found)
		}
	}
}
