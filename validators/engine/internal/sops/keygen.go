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
	Hybrid bool `json:"hybrid"`
}

// Generated is the answer to `keygen`; blob 0 is the identity, one line as age-keygen writes it.
type Generated struct {
	Recipient string `json:"recipient"`
}

// Keygen answers `keygen`: a new native age identity, which nothing but the reply holds.
func Keygen(_ context.Context, _ *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	args, err := worker.Decode[keygenArgs](request)
	if err != nil {
		return nil, nil, err
	}
	identity, recipient, err := generate(args.Hybrid)
	if err != nil {
		return nil, nil, fmt.Errorf("no key could be made: %w", err)
	}
	return Generated{recipient}, wire.Blobs{[]byte(identity + "\n")}, nil
}

func generate(hybrid bool) (identity, recipient string, err error) {
	if hybrid {
		made, err := age.GenerateHybridIdentity()
		if err != nil {
			return "", "", err
		}
		return made.String(), made.Recipient().String(), nil
	}
	made, err := age.GenerateX25519Identity()
	if err != nil {
		return "", "", err
	}
	return made.String(), made.Recipient().String(), nil
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
