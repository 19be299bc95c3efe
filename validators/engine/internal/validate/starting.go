package validate

import (
	"context"
	"errors"
	"slices"

	utilfeature "k8s.io/apiserver/pkg/util/feature"

	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// refusal is what kube-apiserver does not start with. Known are the names that the flag's entries may have, as far as they are a list.
type refusal struct {
	Flag    string   `json:"flag"`
	Key     string   `json:"key"`
	Message string   `json:"message"`
	Known   []string `json:"known,omitempty"`
}

// Server answers whether a kube-apiserver would start with the flags that this process was given.
func Server(_ context.Context, config *worker.Config, _ wire.Request) (any, wire.Blobs, error) {
	_, err := server.Start(config.APIServer)
	var refused *server.Refused
	if !errors.As(err, &refused) {
		return map[string]any{}, nil, err
	}
	found := refusal{Flag: refused.Flag, Key: refused.Key, Message: refused.Err.Error()}
	if refused.Flag == server.GatesFlag {
		for gate := range utilfeature.DefaultMutableFeatureGate.GetAll() {
			found.Known = append(found.Known, string(gate))
		}
		slices.Sort(found.Known)
	}
	return map[string]any{"refused": found}, nil, nil
}
