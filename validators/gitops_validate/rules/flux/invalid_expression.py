from __future__ import annotations

from gitops_validate.building.expressions import Expression
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.rule import Problems, rule

LONGEST = 300
"""Characters of the library's reason that are told."""


@rule(Severity.ERROR)
def invalid_expression(expression: Expression) -> Problems:
    """A CEL expression that Flux cannot read.

    The reconciler stalls before it applies anything: spec.healthCheckExprs must parse, and a readyExpr in spec.dependsOn must compile to a boolean, over
    `self` and `dep` alone. It is read here by the same library and with the same functions.

    **Avoid**

    ```yaml clusters/dev/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps
      prune: true
      wait: true
      healthCheckExprs:
        - apiVersion: cert-manager.io/v1
          kind: ClusterIssuer
          current: status.conditions.exists(e, e.type == 'Ready' && e.status = 'True') # finding
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/issuer.yaml
    apiVersion: cert-manager.io/v1
    kind: ClusterIssuer
    metadata:
      name: internal
    spec:
      selfSigned: {}
    ```

    **Prefer**

    ```yaml clusters/dev/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps
      prune: true
      wait: true
      healthCheckExprs:
        - apiVersion: cert-manager.io/v1
          kind: ClusterIssuer
          current: status.conditions.exists(e, e.type == 'Ready' && e.status == 'True')
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/issuer.yaml
    apiVersion: cert-manager.io/v1
    kind: ClusterIssuer
    metadata:
      name: internal
    spec:
      selfSigned: {}
    ```
    """
    if expression.fault:
        where = expression.reconciler.at(*expression.route)
        yield Problem(where, f"{expression.reconciler.ref} has an expression that Flux cannot read: {_short(expression.fault)}", "correct it")


def _short(fault: str) -> str:
    line = " ".join(fault.split())
    return f"{line[:LONGEST]}…" if len(line) > LONGEST else line
