from __future__ import annotations

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.place import route
from gitops_validate.model.render import Verdict
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def mistyped_policy(verdict: Verdict) -> Problems:
    """An admission policy with an expression that fits nothing it matches.

    It compiles, since what an object looks like is not known by then, and fails on every object: the policy denies them all, or, where its failures are
    ignored, none. The expression is checked against the types of each kind that the policy matches, as the API server does for its status, and told if
    it fits none of them.

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
        - expression: object.spec.replica <= 5 # finding
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
    for each in verdict.mismatches:
        message = f"{verdict.object.ref} has an expression that fits nothing it matches: {each.message}"
        yield Problem(verdict.object.at(*route(each.pointer)), message, "correct it, or match other kinds", field=each.field)
