package validate

import (
	"context"
	"errors"

	"k8s.io/apiserver/pkg/admission"

	"gitops-validate/engine/internal/parallel"
	"gitops-validate/engine/internal/validate/custom"
	"gitops-validate/engine/internal/validate/policies"
	"gitops-validate/engine/internal/validate/server"
	"gitops-validate/engine/internal/wire"
	"gitops-validate/engine/internal/worker"
)

// Update answers `update`: the blobs are objects in pairs, as each is and as it is to be. Where there is nothing to say, because nothing defines the
// kind or because one of the two is refused by itself, there is no verdict.
func Update(_ context.Context, config *worker.Config, request wire.Request) (any, wire.Blobs, error) {
	if len(request.Blobs)%2 != 0 {
		return nil, nil, errors.New("objects in pairs are needed: before and after")
	}
	judge, err := newJudge(config, request)
	if err != nil {
		return nil, nil, err
	}
	set, err := judge.policies()
	if err != nil {
		return nil, nil, err
	}
	verdicts := parallel.Map(len(request.Blobs)/2, func(i int) Verdict { return judge.updated(request.Blobs[2*i], request.Blobs[2*i+1], set) })
	return map[string]any{"verdicts": verdicts}, nil, nil
}

var noVerdict = Verdict{Verdict: "no-verdict"}

// updated judges the replacement of one object by another, and has policies review it if it is accepted.
func (j *judge) updated(old, body []byte, set *policies.Set) Verdict {
	if set == nil {
		return j.update(context.Background(), old, body)
	}
	var decisions []policies.Decision
	ctx := server.WithReviewer(context.Background(), func(attributes admission.Attributes, interfaces admission.ObjectInterfaces) {
		decisions = set.Review(policies.Accepted{Attributes: attributes, ObjectInterfaces: interfaces})
	})
	verdict := j.update(ctx, old, body)
	if verdict.Verdict == "accepted" && len(decisions) > 0 {
		verdict.Policies = decisions
		verdict.locate(body)
	}
	return verdict
}

// update judges the replacement of one object by another. It never panics.
func (j *judge) update(ctx context.Context, old, body []byte) (verdict Verdict) {
	var known bool
	defer gaveUp(&verdict, &known)
	if len(old) > largest || len(body) > largest {
		return noVerdict
	}
	before, err := server.NewObject(old)
	after, fault := server.NewObject(body)
	if err != nil || fault != nil {
		return notAnObject
	}
	if said, known := j.server.Update(ctx, before, after, j.Namespace); known {
		return rejected("built-in", said.Causes)
	}
	causes, found := custom.Update(ctx, j.config, old, body, j.Definitions, j.Namespace)
	if !found {
		return noVerdict
	}
	return rejected("custom", causes)
}
