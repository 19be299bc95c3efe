package validate

import (
	"encoding/json"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/pod-security-admission/admission"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"gitops-validate/engine/internal/quick"
)

// Pods is what Pod Security says of the pods of an object, at the levels of their namespace; nothing where it lets them through.
type Pods struct {
	Enforce *Violation `json:"enforce,omitempty"`
	Warn    *Violation `json:"warn,omitempty"`
}

// Violation is a level that pods do not keep to, and how.
type Violation struct {
	Level  string `json:"level"`
	Reason string `json:"reason"`
	Detail string `json:"detail"`
}

// podSecurity evaluates as the API server's plugin does, which looks at the pods themselves for what it enforces, and at whatever makes pods for what it
// warns of. Whether the pods are refused is what counts, whoever makes them.
type podSecurity struct {
	evaluator  policy.Evaluator
	namespaces map[string]map[string]string
}

func newPodSecurity(kubeVersion string, namespaces map[string]map[string]string) (*podSecurity, error) {
	if len(namespaces) == 0 {
		return nil, nil
	}
	emulated, err := api.ParseVersion("v" + strings.TrimPrefix(kubeVersion, "v"))
	if err != nil {
		return nil, err
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), &emulated)
	return &podSecurity{evaluator, namespaces}, err
}

// of judges an object, given as valid JSON; nil where it has no pods, or its namespace no levels.
func (p *podSecurity) of(body []byte, namespace string) *Pods {
	if p == nil || !json.Valid(body) {
		return nil
	}
	if head, plain := quick.ReadHead(body); plain && head.Namespace != "" {
		namespace = head.Namespace
	} else if !plain {
		var object metav1.PartialObjectMetadata
		if json.Unmarshal(body, &object) == nil && object.Namespace != "" {
			namespace = object.Namespace
		}
	}
	labels, known := p.namespaces[namespace]
	if !known {
		return nil
	}
	object, _, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, nil)
	if err != nil {
		return nil // what cannot be read is refused for that
	}
	metadata, spec, err := admission.DefaultPodSpecExtractor{}.ExtractPodSpec(object)
	if err != nil || spec == nil {
		return nil
	}
	levels, _ := api.PolicyToEvaluate(labels, api.Policy{Enforce: privileged, Audit: privileged, Warn: privileged})
	found := &Pods{p.violation(levels.Enforce, metadata, spec), p.violation(levels.Warn, metadata, spec)}
	if found.Enforce == nil && found.Warn == nil {
		return nil
	}
	return found
}

var privileged = api.LevelVersion{Level: api.LevelPrivileged, Version: api.LatestVersion()}

func (p *podSecurity) violation(level api.LevelVersion, metadata *metav1.ObjectMeta, spec *corev1.PodSpec) *Violation {
	if level.Level == api.LevelPrivileged || level.Level == "" {
		return nil
	}
	said := policy.AggregateCheckResults(p.evaluator.EvaluatePod(level, metadata, spec))
	if said.Allowed {
		return nil
	}
	return &Violation{level.String(), said.ForbiddenReason(), said.ForbiddenDetail()}
}
