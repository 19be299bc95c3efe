from __future__ import annotations

from gitops_validate.existing.loose import entries, text
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import FluxKustomization, Render
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def idle_health_expression(kustomization: FluxKustomization, render: Render) -> Problems:
    """An expression for the health of a kind that the Kustomization does not wait for.

    Flux asks it of nothing: the Kustomization is ready at once, although somebody has written down when it is. Either the group or the kind is another
    one, or the objects are applied by somebody else. An expression counts as asked if the Kustomization applies such an object and waits, or
    names one in `healthChecks`.

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
          kind: Certificates # finding
          current: status.conditions.exists(c, c.type == 'Ready' && c.status == 'True')
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/certificate.yaml
    apiVersion: cert-manager.io/v1
    kind: Certificate
    metadata:
      name: web
      namespace: default
    spec:
      secretName: web-certificate
      dnsNames: [web.example]
      issuerRef:
        name: internal
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
          kind: Certificate
          current: status.conditions.exists(c, c.type == 'Ready' && c.status == 'True')
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/certificate.yaml
    apiVersion: cert-manager.io/v1
    kind: Certificate
    metadata:
      name: web
      namespace: default
    spec:
      secretName: web-certificate
      dnsNames: [web.example]
      issuerRef:
        name: internal
    ```
    """
    spec = kustomization.spec
    if render.failure or render.incomplete or not render.objects:
        return
    waited = {(each.ref.group, each.ref.kind) for each in render.objects} if spec.get("wait") is True else set()
    named = {(_group(check), text(check.get("kind"))) for _, check in entries(spec, "healthChecks")}
    waited |= named if spec.get("wait") is not True else set()
    for route, check in entries(spec, "healthCheckExprs"):
        kind = text(check.get("kind"))
        if kind and (_group(check), kind) not in waited:
            message = f"{kustomization.ref} has an expression for the health of {kind} of {text(check.get('apiVersion'))}, and waits for none"
            fix = "set `wait: true`, or name what it applies" if not waited else "name a group and a kind that it applies"
            if (_group(check), kind) in named:
                fix = "take away `wait: true`, with which Flux passes over healthChecks, or name a group and a kind that it applies"
            yield Problem(kustomization.at(*route, "kind"), message, fix)


def _group(check: dict[str, object]) -> str:
    return text(check.get("apiVersion")).rpartition("/")[0]
