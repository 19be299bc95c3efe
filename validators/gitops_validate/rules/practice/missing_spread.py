from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import dig
from gitops_validate.existing.practice import lasting, replicas
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.rule import Problems, rule


@rule(Severity.INFO, Profile.STRICT)
def missing_spread(existing: Existing) -> Problems:
    """Several pods that may all run on one node.

    The scheduler spreads the pods of a workload as it sees fit, and after some restarts they may be together: the node that fails takes all of them. Spread
    constraints, or an anti-affinity between the pods, say over which part of the cluster they are to be spread.

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
      replicas: 2
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec: # finding
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

    ```yaml clusters/dev/budget.yaml
    apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata:
      name: web
      namespace: default
    spec:
      maxUnavailable: 1
      selector:
        matchLabels:
          app: web
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
      replicas: 2
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          topologySpreadConstraints:
            - maxSkew: 1
              topologyKey: kubernetes.io/hostname
              whenUnsatisfiable: ScheduleAnyway
              labelSelector:
                matchLabels:
                  app: web
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

    ```yaml clusters/dev/budget.yaml
    apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata:
      name: web
      namespace: default
    spec:
      maxUnavailable: 1
      selector:
        matchLabels:
          app: web
    ```
    """
    for pods in lasting(existing):
        count = replicas(pods)
        if count > 1 and not _is_spread(pods.spec):
            message = f"the {count} pods of {pods.object.ref} may all run on one node"
            yield Problem(pods.object.at(*pods.route), message, "add topologySpreadConstraints over kubernetes.io/hostname")


def _is_spread(spec: Mapping[str, Any]) -> bool:
    return bool(spec.get("topologySpreadConstraints") or dig(spec, "affinity", "podAntiAffinity"))
