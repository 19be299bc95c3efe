package sops

import (
	"context"
	"fmt"

	"filippo.io/age"

	"gitops-validate/engine/internal/fault"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

type keygenArgs struct {
	Type string `json:"type"`
}

// Generated is the answer to `keygen`: the public half. Blob 0 is the private one.
type Generated struct {
	Recipient string `json:"recipient"`
}

// Keygen answers `keygen`: a new native age key, which leaves the process as a blob and is kept nowhere.
func Keygen(_ context.Context, _ *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[keygenArgs](request)
	if err != nil {
		return nil, nil, err
	}
	switch args.Type {
	case "x25519":
		if made, err := age.GenerateX25519Identity(); err == nil {
			return Generated{made.Recipient().String()}, wire.Blobs{[]byte(made.String())}, nil
		}
	case "hybrid":
		if made, err := age.GenerateHybridIdentity(); err == nil {
			return Generated{made.Recipient().String()}, wire.Blobs{[]byte(made.String())}, nil
		}
	}
	return nil, nil, fmt.Errorf("cannot make an age key of type %q: there are x25519 and hybrid", args.Type)
}

// Public is the answer to `recipients`.
type Public struct {
	Recipients []string        `json:"recipients"`
	Problems   []fault.Problem `json:"problems"`
}

// Recipients answers `recipients`: whom the identities of the last blob belong to.
func Recipients(_ context.Context, _ *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	own, problem := identities(request.Blobs)
	if problem != nil {
		return Public{[]string{}, []fault.Problem{*problem}}, nil, nil
	}
	answer := Public{Recipients: []string{}, Problems: []fault.Problem{}}
	for _, identity := range own {
		switch identity := identity.(type) {
		case *age.X25519Identity:
			answer.Recipients = append(answer.Recipients, identity.Recipient().String())
		case *age.HybridIdentity:
			answer.Recipients = append(answer.Recipients, identity.Recipient().String())
		}
	}
	return answer, nil, nil
}
