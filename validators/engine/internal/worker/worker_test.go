package worker

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"gitops-validate/engine/internal/wire"
)

// told is an input that ends only when it is told to, as a pipe does.
type told struct {
	io.Reader
	end <-chan struct{}
}

func (t told) Read(body []byte) (int, error) {
	count, err := t.Reader.Read(body)
	if err == io.EOF {
		<-t.end
	}
	return count, err
}

func TestServePreparesWhileItWaits(t *testing.T) {
	for name, line := range map[string]string{"before any request": "", "between requests": `{"id":1,"op":"say","args":{},"blobs":[]}` + "\n"} {
		t.Run(name, func(t *testing.T) {
			prepared, out := make(chan struct{}), bytes.Buffer{}
			known := map[string]Preparation{
				"fail":  func(*Config) { panic("nobody hears it") },
				"say":   func(*Config) { close(prepared) },
				"other": func(*Config) { t.Error("nobody asked for it") },
			}
			say := func(context.Context, *Config, wire.Request) (any, wire.Blobs, error) { return "said", nil, nil }
			config := &Config{Prepare: []string{"fail", "say", "unknown"}}
			if err := Serve(config, map[string]Handler{"say": say}, known, told{strings.NewReader(line), prepared}, &out); err != nil {
				t.Fatal(err)
			}
			if answered := strings.Contains(out.String(), `"said"`); answered != (line != "") {
				t.Errorf("it answered %q", out.String())
			}
		})
	}
}
