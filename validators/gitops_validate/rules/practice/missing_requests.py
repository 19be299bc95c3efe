from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import mapping
from gitops_validate.existing.practice import containers, lasting
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING, Profile.STRICT)
def missing_requests(existing: Existing) -> Problems:
    """A container that does not say what it needs.

    The scheduler places pods by what they request. Without a request for CPU a container gets what others leave over, without one for memory it is the first
    to be killed when the node runs short, and without a limit for memory it may be what makes the node run short. A limit for CPU is not asked for: it slows
    down what could use an idle core.

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
        for route, container, name in containers(pods):
            resources = mapping(container.get("resources"))
            wanted = (("requests", "cpu"), ("requests", "memory"), ("limits", "memory"))
            lacking = [f"{section}.{kind}" for section, kind in wanted if kind not in mapping(resources.get(section))]
            if lacking:
                spot = pods.object.at(*route, *(("resources",) if resources else ()))
                yield Problem(spot, f"{name} has no {' and no '.join(lacking)}", "set what it needs, as seen in its metrics")
