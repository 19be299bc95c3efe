from __future__ import annotations

from gitops_validate.judging.admission import held, held_against
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.place import route
from gitops_validate.model.render import Verdict
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def denied_by_policy(verdict: Verdict) -> Problems:
    """An object that an admission policy of the same environment denies.

    The API server refuses it as soon as the policy stands, and Flux then applies nothing of that Kustomization. Policies and their bindings are evaluated
    as it does: with what they match, their conditions, variables and parameters. Where that depends on something that only a cluster knows, such as who
    applies the object, the report says that it could not be checked.

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
      validationActions: [Deny]
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
      validationActions: [Deny]
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
    for thing, decision, told in held_against(verdict, "Deny"):
        yield Problem(
            thing.at(*route(decision.pointer)), f"{held(decision, thing)} would be denied by {told}", "change what the policy denies, or the policy"
        )
