from __future__ import annotations

from gitops_validate.judging.pod_security import offending
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import Verdict
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def pod_security(verdict: Verdict) -> Problems:
    """Pods that their namespace does not let in.

    The namespace enforces a level of Pod Security, and the API server refuses every pod that does not keep to it. A Deployment is accepted all the same,
    with a warning that nobody reads: it is its pods that never appear.

    **Avoid**

    ```yaml clusters/dev/namespace.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: web
      labels:
        pod-security.kubernetes.io/enforce: restricted
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
        pod-security.kubernetes.io/enforce: restricted
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
    found, thing = verdict.refused_pods, verdict.object
    if found:
        message = f"{thing.ref}: its pods violate {found.level}, which namespace {thing.ref.namespace or 'default'} enforces: {found.detail}"
        yield Problem(thing.at(*offending(thing, found)), message, "set what the level wants, or give the namespace another level")
