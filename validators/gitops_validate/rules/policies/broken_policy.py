from __future__ import annotations

from gitops_validate.judging.admission import is_expression
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.place import route
from gitops_validate.model.render import Verdict
from gitops_validate.rule import Problems, rule

LONGEST = 300
"""Characters of the library's reason that are told."""


@rule(Severity.ERROR)
def broken_policy(verdict: Verdict) -> Problems:
    """An admission policy with an expression that does not compile.

    The API server refuses the policy, and with it the whole Kustomization: what it was to guard against goes on, and nothing beside it is applied.

    **Avoid**

    ```yaml clusters/dev/policies.yaml
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicy
    metadata:
      name: few-replicas
    spec:
      matchConstraints:
        resourceRules:
          - apiGroups: [apps]
            apiVersions: [v1]
            operations: [CREATE, UPDATE]
            resources: [deployments]
      validations:
        - expression: object.spec.replicas =< 5 # finding
          message: at most five replicas
    ---
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicyBinding
    metadata:
      name: few-replicas-here
    spec:
      policyName: few-replicas
      validationActions: [Deny]
    ```

    **Prefer**

    ```yaml clusters/dev/policies.yaml
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicy
    metadata:
      name: few-replicas
    spec:
      matchConstraints:
        resourceRules:
          - apiGroups: [apps]
            apiVersions: [v1]
            operations: [CREATE, UPDATE]
            resources: [deployments]
      validations:
        - expression: object.spec.replicas <= 5
          message: at most five replicas
    ---
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicyBinding
    metadata:
      name: few-replicas-here
    spec:
      policyName: few-replicas
      validationActions: [Deny]
    ```
    """
    for cause in verdict.causes:
        if is_expression(cause, verdict):
            message = f"{verdict.object.ref} has an expression that the API server cannot compile: {_short(cause.message)}"
            yield Problem(verdict.object.at(*route(cause.pointer)), message, "correct it", field=cause.field)


def _short(fault: str) -> str:
    line = " ".join(fault.split())
    return f"{line[:LONGEST]}…" if len(line) > LONGEST else line
