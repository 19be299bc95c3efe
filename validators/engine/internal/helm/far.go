package helm

import (
	"errors"
	"net/url"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// most is how many places in documents elsewhere a schema may ask for.
const most = 1000

// far stands for the documents of other addresses that a schema names: each allows everything, at every place that is asked for.
type far map[string]any

// compile gives a document to attempt until no place in another document is missing. Those that the document itself names are there at once.
func (f far) compile(document any, attempt func() (*jsonschema.Schema, error)) (compiled *jsonschema.Schema, err error) {
	f.named(document)
	for range most {
		compiled, err = attempt()
		missing := new(jsonschema.JSONPointerNotFoundError)
		if !errors.As(err, &missing) || !f.allow(missing.URL) {
			return compiled, err
		}
	}
	return compiled, err
}

func (f far) named(value any) {
	switch found := value.(type) {
	case []any:
		for _, item := range found {
			f.named(item)
		}
	case map[string]any:
		for key, item := range found {
			if reference, is := item.(string); is && key == "$ref" {
				f.allow(reference)
			}
			f.named(item)
		}
	}
}

// allow makes a place that a reference leads to, if it is one in a document elsewhere and not there yet.
func (f far) allow(reference string) bool {
	base, fragment, _ := strings.Cut(reference, "#")
	pointer, err := url.PathUnescape(fragment)
	if err != nil || !strings.HasPrefix(pointer, "/") || !strings.HasPrefix(base, "http://") && !strings.HasPrefix(base, "https://") {
		return false
	}
	document, is := f[base].(map[string]any)
	if !is {
		document = map[string]any{}
		f[base] = document
	}
	made := false
	for _, step := range strings.Split(pointer[1:], "/") {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		inner, is := document[step].(map[string]any)
		if !is {
			inner, made = map[string]any{}, true
			document[step] = inner
		}
		document = inner
	}
	return made
}
