package worker

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

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

func TestWhatUsesNoLibraryIsAnsweredBesideAPreparation(t *testing.T) {
	begun, answered, order := make(chan struct{}), make(chan struct{}), []string{}
	known := map[string]Preparation{"say": func(*Config) {
		close(begun)
		select {
		case <-answered:
		case <-time.After(10 * time.Second):
		}
		order = append(order, "prepared")
	}}
	says := func(word string, then func()) Handler {
		return func(context.Context, *Config, wire.Request) (any, wire.Blobs, error) {
			order = append(order, word)
			then()
			return nil, nil, nil
		}
	}
	handlers := map[string]Handler{Aside: says("aside", func() { close(answered) }), "say": says("said", func() {})}
	in, requests := io.Pipe()
	go func() {
		<-begun
		_, _ = io.WriteString(requests, `{"id":1,"op":"parse","args":{},"blobs":[]}`+"\n"+`{"id":2,"op":"say","args":{},"blobs":[]}`+"\n")
		_ = requests.Close()
	}()
	if err := Serve(&Config{Prepare: []string{"say"}}, handlers, known, in, io.Discard); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, " "); got != "aside prepared said" {
		t.Errorf("the order was %q", got)
	}
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
