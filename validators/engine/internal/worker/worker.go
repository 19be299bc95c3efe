// Package worker serves requests one at a time, inside the limits that its process was started with.
//
// A worker is expendable: whoever talks to it may kill it at any moment and start another, so nothing in it outlives the process but
// what lies in the chart cache.
package worker

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"

	"gitops-validate/engine/internal/wire"
)

// Config is what a worker may touch and what it judges by. It comes from flags, never from a request.
type Config struct {
	Roots   []string // checkouts that may be read, absolute and free of symlinks
	Schemas []string // folders with <group>/<kind>.json definitions of custom kinds, first match wins
	Charts  string   // the chart cache, content-addressed; the only place that is written
	APIServer
	Network bool     // only a worker that fetches charts has it
	Memory  uint64   // bytes of memory after which the process ends itself
	Prepare []string // operations to prepare for while there is nothing to answer
}

// APIServer is the kube-apiserver that is emulated: its minor version, and those of its flags that say what it takes, spelled as it reads them.
type APIServer struct {
	KubeVersion   string // such as "1.36"
	FeatureGates  string // such as "HPAScaleToZero=true,AllBeta=false"
	RuntimeConfig string // such as "admissionregistration.k8s.io/v1beta1=true"
}

// Changed reports whether it takes anything else than its version does by default.
func (s APIServer) Changed() bool { return s.FeatureGates != "" || s.RuntimeConfig != "" }

// Handler carries out one operation. A fault in the user's files belongs in the result; an error means that the operation could not be carried out.
type Handler func(ctx context.Context, config *Config, request wire.Request) (result any, blobs wire.Blobs, err error)

// Preparation reads what a library needs before its first answer. A worker does it while it waits for requests, and beside no handler but Aside.
type Preparation func(config *Config)

// Aside is the one operation that uses no library that prepares, so that it is answered beside a preparation: it is what is asked first.
const Aside = "parse"

type incoming struct {
	request wire.Request
	err     error
}

// Serve answers requests until the input ends, and prepares for them while there are none.
func Serve(config *Config, handlers map[string]Handler, known map[string]Preparation, in io.Reader, out io.Writer) error {
	prepare := preparing{config: config, left: chosen(config.Prepare, known)}
	arriving, writer := receive(in), bufio.NewWriterSize(out, 1<<16)
	for {
		next := prepare.await(arriving)
		if next.err == io.EOF {
			return nil
		}
		if next.err != nil {
			return next.err
		}
		if err := wire.Write(writer, answer(config, handlers, next.request)); err != nil {
			return err
		}
	}
}

func chosen(operations []string, known map[string]Preparation) (preparations []Preparation) {
	for _, operation := range operations {
		if preparation := known[operation]; preparation != nil {
			preparations = append(preparations, preparation)
		}
	}
	return preparations
}

// receive reads requests as they come.
func receive(in io.Reader) <-chan incoming {
	arriving, reader := make(chan incoming), bufio.NewReaderSize(in, 1<<16)
	go func() {
		for {
			request, err := wire.Read(reader)
			arriving <- incoming{request, err}
			if err != nil {
				return
			}
		}
	}()
	return arriving
}

// preparing is what is left to prepare for, and the end of what is being prepared.
type preparing struct {
	config  *Config
	left    []Preparation
	running <-chan struct{}
}

// await returns the next request. Meanwhile it prepares, one preparation after the other; nothing is begun once a request has arrived.
func (p *preparing) await(arriving <-chan incoming) incoming {
	for p.running != nil || len(p.left) > 0 {
		if p.running == nil {
			select {
			case next := <-arriving:
				return next
			default:
				p.running, p.left = begin(p.config, p.left[0]), p.left[1:]
			}
		}
		select {
		case next := <-arriving:
			return p.ready(next)
		case <-p.running:
			p.running = nil
		}
	}
	return <-arriving
}

// ready waits for what is being prepared, unless the request has no need of that.
func (p *preparing) ready(next incoming) incoming {
	if p.running != nil && (next.err != nil || next.request.Op != Aside) {
		<-p.running
		p.running = nil
	}
	return next
}

// begin prepares, and closes what it returns at the end. It never panics: whatever is wrong is said by the request that meets it.
func begin(config *Config, preparation Preparation) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }()
		preparation(config)
	}()
	return done
}

// answer turns whatever the handler does, panics included, into one reply.
func answer(config *Config, handlers map[string]Handler, request wire.Request) (reply wire.Reply) {
	reply.ID = request.ID
	defer func() {
		if fault := recover(); fault != nil {
			reply = wire.Reply{ID: request.ID, Error: fmt.Sprintf("%s panicked: %v at %s", request.Op, fault, origin(debug.Stack()))}
		}
	}()
	handle, known := handlers[request.Op]
	if !known {
		reply.Error = fmt.Sprintf("unknown operation %q", request.Op)
		return reply
	}
	result, blobs, err := handle(context.Background(), config, request)
	if err != nil {
		reply.Error = err.Error()
		return reply
	}
	reply.Result, reply.Blobs = result, blobs
	return reply
}

// Decode reads the arguments of a request.
func Decode[T any](request wire.Request) (args T, err error) {
	if err = json.Unmarshal(request.Args, &args); err != nil {
		err = fmt.Errorf("arguments of %s: %w", request.Op, err)
	}
	return args, err
}
