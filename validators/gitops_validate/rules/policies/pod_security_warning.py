from __future__ import annotations

from gitops_validate.judging.pod_security import offending
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import Verdict
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def pod_security_warning(verdict: Verdict) -> Problems:
    """Pods that their namespace warns of.

    The namespace warns of a stricter level of Pod Security than it enforces: the next step that somebody means to take. These pods would not be let in
    any more.

    **Avoid**

    ```yaml clusters/dev/namespace.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: web
      labels:
        pod-security.kubernetes.io/warn: restricted
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: web
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
            - name: web # finding
              image: registry.acme.example/web:1.4.0
    ```

    **Prefer**

    ```yaml clusters/dev/namespace.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: web
      labels:
        pod-security.kubernetes.io/warn: restricted
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: web
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          securityContext:
            runAsNonRoot: true
            seccompProfile:
              type: RuntimeDefault
          containers:
            - name: web
              image: registry.acme.example/web:1.4.0
              securityContext:
                allowPrivilegeEscalation: false
                capabilities:
                  drop: [ALL]
    ```
    """
    found, thing = verdict.warned_pods, verdict.object
    if found and not verdict.refused_pods:
        message = f"{thing.ref}: its pods violate {found.level}, which namespace {thing.ref.namespace or 'default'} warns of: {found.detail}"
        yield Problem(thing.at(*offending(thing, found)), message, "set what the level wants")
