// Command gitops-engine answers what Kubernetes, Flux, kustomize, Helm and SOPS would do. See docs/engine.md for its requests.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"strings"

	"gitops-validate/engine/internal/chart"
	"gitops-validate/engine/internal/conform"
	"gitops-validate/engine/internal/expression"
	"gitops-validate/engine/internal/helm"
	"gitops-validate/engine/internal/kustomize"
	"gitops-validate/engine/internal/parse"
	"gitops-validate/engine/internal/pipeline"
	"gitops-validate/engine/internal/rego"
	"gitops-validate/engine/internal/sops"
	"gitops-validate/engine/internal/validate"
	"gitops-validate/engine/internal/worker"
)

var handlers = map[string]worker.Handler{
	"parse":          parse.Documents,
	"locate":         parse.Locate,
	"print":          parse.Print,
	"kustomize":      kustomize.Build,
	"helm":           helm.Render,
	"chart":          chart.Fetch,
	"define":         validate.Define,
	"conform":        conform.Judge,
	"policies":       validate.Policies,
	"validate":       validate.Judge,
	"server":         validate.Server,
	"rego":           rego.Judge,
	"update":         validate.Update,
	"lists":          validate.Lists,
	"manifests":      validate.Manifests,
	"inspect":        sops.Inspect,
	"creation-rules": sops.CreationRules,
	"verify":         sops.Verify,
	"decrypt":        sops.Decrypt,
	"encrypt":        sops.Encrypt,
	"rotate":         sops.Rotate,
	"keygen":         sops.Keygen,
	"updatekeys":     sops.UpdateKeys,
	"recipients":     sops.Recipients,
	"cel":            expression.Read,
	"pipeline":       pipeline.Judge,
	"datakey":        sops.DataKey,
	"reseal":         sops.Reseal,
	"pgp":            sops.PGP,
}

var preparations = map[string]worker.Preparation{"kustomize": kustomize.Prepare, "validate": validate.Prepare}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "version" {
		printVersions(os.Stdout)
		return
	}
	config := worker.Config{}
	flags := flag.NewFlagSet("gitops-engine", flag.ExitOnError)
	flags.Func("root", "a checkout that may be read (repeatable)", appendTo(&config.Roots))
	flags.Func("schemas", "a folder of definitions of custom kinds (repeatable)", appendTo(&config.Schemas))
	flags.StringVar(&config.Charts, "charts", "", "the chart cache")
	flags.StringVar(&config.KubeVersion, "kube-version", "1.36", "the Kubernetes minor version to emulate")
	flags.Func("feature-gates", "as kube-apiserver has it (repeatable)", addTo(&config.FeatureGates))
	flags.Func("runtime-config", "as kube-apiserver has it (repeatable)", addTo(&config.RuntimeConfig))
	flags.Func("prepare", "an operation to prepare for before it is asked for (repeatable)", appendTo(&config.Prepare))
	flags.BoolVar(&config.Network, "network", false, "allow connections, to fetch charts")
	flags.Uint64Var(&config.Memory, "memory", 2<<30, "bytes of memory after which the worker ends itself")
	_ = flags.Parse(os.Args[1:])
	if err := worker.Confine(&config); err != nil {
		fmt.Fprintln(os.Stderr, "gitops-engine:", err)
		os.Exit(2)
	}
	if err := worker.Serve(&config, handlers, preparations, bufio.NewReader(os.Stdin), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gitops-engine:", err)
		os.Exit(1)
	}
}

func appendTo(list *[]string) func(string) error {
	return func(value string) error { *list = append(*list, value); return nil }
}

// addTo joins what is given again and again as kube-apiserver does, by commas.
func addTo(all *string) func(string) error {
	return func(value string) error {
		*all = strings.TrimPrefix(*all+","+value, ",")
		return nil
	}
}
