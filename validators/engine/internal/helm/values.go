package helm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	v2 "github.com/fluxcd/helm-controller/api/v2"
	"github.com/fluxcd/pkg/chartutil"
	"github.com/go-logr/logr"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kube "sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// values composes what the release gives to its chart.
func (r *rendering) values(release *v2.HelmRelease) (map[string]any, error) {
	values, err := chartutil.ChartValuesFromReferences(r.ctx, logr.Discard(), &reader{rendering: r}, release.Namespace,
		release.GetValues(), release.Spec.ValuesFrom...)
	if err == nil {
		return values, nil
	}
	field := "/spec/valuesFrom"
	if known := new(chartutil.ErrValuesReference); errors.As(err, &known) {
		for i, reference := range release.Spec.ValuesFrom {
			if reference.Kind == known.Kind && reference.Name == known.Name.Name && reference.GetValuesKey() == known.Key {
				field = fmt.Sprintf("/spec/valuesFrom/%d", i)
				break
			}
		}
	}
	return nil, because("values-from", field, err)
}

// reader answers Flux's questions for ConfigMaps and Secrets from what the request brought.
type reader struct {
	kube.Client // nothing else is asked for
	*rendering
}

func (c *reader) Get(_ context.Context, key kube.ObjectKey, into kube.Object, _ ...kube.GetOption) error {
	kind := "ConfigMap"
	if _, secret := into.(*corev1.Secret); secret {
		kind = "Secret"
	}
	for _, given := range c.args.ValuesFrom {
		if given.Kind != kind || given.Name != key.Name || given.Blob == nil {
			continue
		}
		if *given.Blob < 0 || *given.Blob >= len(c.blobs) {
			return fmt.Errorf("values_from names blob %d of %d", *given.Blob, len(c.blobs))
		}
		if err := json.Unmarshal(c.blobs[*given.Blob], into); err != nil {
			return fmt.Errorf("%s %q cannot be read: %w", kind, key.Name, err)
		}
		c.settle(into)
		return nil
	}
	return apierrors.NewNotFound(schema.GroupResource{Resource: strings.ToLower(kind) + "s"}, key.Name)
}

// settle does to a Secret what the API server does, and remembers what it hides.
func (c *reader) settle(object kube.Object) {
	secret, ok := object.(*corev1.Secret)
	if !ok {
		return
	}
	if secret.Data == nil {
		secret.Data = map[string][]byte{}
	}
	for key, text := range secret.StringData {
		secret.Data[key] = []byte(text)
	}
	c.conceal(secret)
}

// replaceDefaults puts spec.chart.spec.valuesFiles, merged, in place of the chart's values.yaml, and returns those that were there.
func (r *rendering) replaceDefaults(chrt *chart.Chart, release *v2.HelmRelease) ([]string, error) {
	used := []string{}
	if release.Spec.Chart == nil || len(release.Spec.Chart.Spec.ValuesFiles) == 0 {
		return used, nil
	}
	template, merged := release.Spec.Chart.Spec, map[string]any{}
	for i, name := range template.ValuesFiles {
		field := fmt.Sprintf("/spec/chart/spec/valuesFiles/%d", i)
		values, err := r.defaults(chrt, name)
		if errors.Is(err, fs.ErrNotExist) && template.IgnoreMissingValuesFiles {
			continue
		}
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				err = errors.New("it is not there")
			}
			return used, because("values-file", field, fmt.Errorf("the values file %q: %w", name, err))
		}
		merged = chartutil.MergeMaps(merged, values)
		used = append(used, name)
	}
	chrt.Values, r.replaced = merged, true
	return used, nil
}

// defaults reads one values file: of the source that holds the chart's folder, or of the archive.
func (r *rendering) defaults(chrt *chart.Chart, name string) (values map[string]any, err error) {
	content, err := r.valuesFile(chrt, name)
	if err != nil {
		return nil, err
	}
	if content == nil {
		return copyValue(chrt.Values).(map[string]any), nil
	}
	return values, yaml.Unmarshal(content, &values)
}

// valuesFile returns nil for the values.yaml of an archive, which is loaded already.
func (r *rendering) valuesFile(chrt *chart.Chart, name string) ([]byte, error) {
	if r.folder != "" {
		return r.files.ReadFile(path.Join(r.args.Chart.Base, strings.TrimPrefix(path.Join("/", name), "/")))
	}
	if path.Clean(name) == "values.yaml" {
		return nil, nil
	}
	for _, file := range chrt.Files {
		if file.Name == path.Clean(name) {
			return file.Data, nil
		}
	}
	return nil, fmt.Errorf("%w in the chart", fs.ErrNotExist)
}
