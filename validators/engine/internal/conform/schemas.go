package conform

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/yannh/kubeconform/pkg/registry"
	"github.com/yannh/kubeconform/pkg/validator"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"gitops-validate/engine/internal/jail"
	"gitops-validate/engine/internal/worker"
)

// nowhere cannot be opened: kubeconform tells which file is a kind's only by reading it.
const nowhere = "/\x00/"

// named is what kinds, groups and versions consist of; a path made of it does not climb.
var named = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

// shelves are the folders of a request and what has been found in them.
type shelves struct {
	version string
	folders []folder
	found   map[schema.GroupVersionKind]*shelved
}

type folder struct {
	files    *jail.FS
	template string
}

// shelved is one schema, or why it cannot be used.
type shelved struct {
	name      string
	root      string
	validator validator.Validator
	fault     string
}

func open(config *worker.Config, locations []location) (*shelves, error) {
	opened := &shelves{version: config.KubeVersion + ".0", found: map[schema.GroupVersionKind]*shelved{}}
	for _, each := range locations {
		files, err := jail.Open(config.Roots, each.Root)
		if err != nil {
			opened.close()
			return nil, err
		}
		opened.folders = append(opened.folders, folder{files, each.Template})
	}
	return opened, nil
}

func (s *shelves) close() {
	for _, each := range s.folders {
		_ = each.files.Close()
	}
}

// find gives the schema of a kind, nil if no folder has one. The first one counts.
func (s *shelves) find(kind schema.GroupVersionKind) *shelved {
	if known, seen := s.found[kind]; seen {
		return known
	}
	var found *shelved
	if named.MatchString(kind.Group) && named.MatchString(kind.Version) && named.MatchString(kind.Kind) {
		for _, each := range s.folders {
			if found = each.find(kind, s.version); found != nil {
				break
			}
		}
	}
	s.found[kind] = found
	return found
}

func (f folder) find(kind schema.GroupVersionKind, version string) *shelved {
	library, err := registry.New(nowhere+f.template, "", false, false, false)
	if err != nil {
		return &shelved{name: f.template, fault: "it is no template of a path"}
	}
	name, _, _ := library.DownloadSchema(kind.Kind, kind.GroupVersion().String(), version)
	name = filepath.ToSlash(filepath.Clean(strings.TrimPrefix(name, nowhere)))
	body, err := f.files.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return &shelved{name: name, fault: err.Error()}
	case !json.Valid(body):
		return &shelved{name: name, fault: "it is no JSON"}
	}
	if away := reference(body); away != "" {
		return &shelved{name: name, fault: "it refers to " + away + "; only what lies beside or below a schema is read, and nothing is fetched"}
	}
	checks, err := validator.New([]string{filepath.Join(f.files.Name(), filepath.FromSlash(name))}, validator.Opts{KubernetesVersion: version})
	if err != nil {
		return &shelved{name: name, fault: "kubeconform does not take its path"}
	}
	return &shelved{name: name, root: f.files.Name(), validator: checks}
}

// reference is the first reference of a schema that leads away from its folder, "" if none does.
func reference(body []byte) (away string) {
	var whole any
	_ = json.Unmarshal(body, &whole)
	walk(whole, func(key, text string) {
		if (key == "$ref" || key == "$id" || key == "id") && leads(text) && away == "" {
			away = text
		}
	})
	return away
}

func walk(value any, visit func(key, text string)) {
	switch value := value.(type) {
	case map[string]any:
		for key, below := range value {
			if text, is := below.(string); is {
				visit(key, text)
			}
			walk(below, visit)
		}
	case []any:
		for _, below := range value {
			walk(below, visit)
		}
	}
}

// leads reports whether a reference leads away. The schemas of JSON Schema itself are part of the library.
func leads(text string) bool {
	target, err := url.Parse(text)
	if err != nil {
		return true
	}
	if target.Host == "json-schema.org" {
		return false
	}
	return target.Scheme != "" || target.Host != "" || strings.HasPrefix(target.Path, "/") || strings.Contains(target.Path, "..") || strings.Contains(text, `\`)
}
