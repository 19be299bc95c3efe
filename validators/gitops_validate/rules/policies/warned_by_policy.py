from __future__ import annotations

from gitops_validate.judging.admission import held, held_against
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.place import route
from gitops_validate.model.render import Verdict
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def warned_by_policy(verdict: Verdict) -> Problems:
    """An object that an admission policy of the same environment warns of.

    It is let in, with a warning that whoever applies it is shown. No person applies it here, so that nobody sees it. A policy that warns is often one
    that somebody means to enforce next.

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
        - expression: object.spec.replicas <= 5
          message: at most five replicas
    ---
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicyBinding
    metadata:
      name: few-replicas-here
    spec:
      policyName: few-replicas
      validationActions: [Warn]
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      replicas: 6 # finding
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
            - name: web
              image: registry.acme.example/web:1.4.0
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
      validationActions: [Warn]
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      replicas: 5
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
            - name: web
              image: registry.acme.example/web:1.4.0
    ```
    """
    for thing, decision, told in held_against(verdict, "Warn"):
        if "Deny" not in decision.actions:
            yield Problem(
                thing.at(*route(decision.pointer)),
                f"{held(decision, thing)} would be let in with a warning by {told}",
                "change what the policy warns of",
            )
