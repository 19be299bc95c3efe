from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import mapping
from gitops_validate.existing.practice import lasting, replicas
from gitops_validate.existing.selecting import matches
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING, Profile.STRICT)
def missing_disruption_budget(existing: Existing) -> Problems:
    """Several pods, all of which may be stopped at once.

    Whoever runs more than one wants the service to stay. When nodes are drained, for an update or by the autoscaler, nothing keeps all of its pods from
    being moved at the same time, unless a PodDisruptionBudget says how many may be away.

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
      replicas: 2 # finding
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
    budgets = [(each.ref.namespace or "default", mapping(each.get("spec", "selector"))) for each in existing.of("PodDisruptionBudget", "policy")]
    for pods in lasting(existing):
        count = replicas(pods)
        if count > 1 and not any(namespace == pods.namespace and matches(selector, pods.labels) for namespace, selector in budgets):
            message = f"nothing says how many of the {count} pods of {pods.object.ref} may be stopped at once"
            yield Problem(pods.object.at("spec", "replicas"), message, "add a PodDisruptionBudget with maxUnavailable: 1")
