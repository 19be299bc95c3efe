from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.practice import RUN_ONCE, containers, lasting, stays
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING, Profile.STRICT)
def missing_probe(existing: Existing) -> Problems:
    """A container that nobody asks whether it is well.

    Without a readiness probe, traffic goes to a container that still starts or that cannot answer, and a rollout goes on over pods that do not work. Without
    a liveness probe, one that hangs stays as it is. Jobs, and containers that run before the others, need none.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    profile: strict
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          automountServiceAccountToken: false
          securityContext:
            runAsNonRoot: true
            seccompProfile:
              type: RuntimeDefault
          containers:
            - name: web # finding
              image: registry.example/web:1.4.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
              resources:
                requests:
                  cpu: 100m
                  memory: 128Mi
                limits:
                  memory: 256Mi
              readinessProbe:
                httpGet:
                  path: /ready
                  port: 8080
              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities:
                  drop: [ALL]
    ```

    **Prefer**

    ```yaml .gitops-validate.yaml
    version: 1
    profile: strict
    ```

    ```yaml clusters/dev/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          automountServiceAccountToken: false
          securityContext:
            runAsNonRoot: true
            seccompProfile:
              type: RuntimeDefault
          containers:
            - name: web
              image: registry.example/web:1.4.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
              resources:
                requests:
                  cpu: 100m
                  memory: 128Mi
                limits:
                  memory: 256Mi
              readinessProbe:
                httpGet:
                  path: /ready
                  port: 8080
              livenessProbe:
                httpGet:
                  path: /live
                  port: 8080
              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities:
                  drop: [ALL]
    ```
    """
    for pods in lasting(existing):
        for route, container, name in containers(pods) if pods.object.ref.kind not in RUN_ONCE else ():
            lacking = [probe for probe in ("readinessProbe", "livenessProbe") if not container.get(probe)]
            if lacking and stays(route, container):
                yield Problem(pods.object.at(*route), f"{name} has no {' and no '.join(lacking)}", "ask it for what it is there for")
