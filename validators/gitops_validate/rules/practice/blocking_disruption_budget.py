from __future__ import annotations

from collections.abc import Mapping

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import mapping, text
from gitops_validate.existing.practice import replicas
from gitops_validate.existing.selecting import pods
from gitops_validate.model.finding import Problem, Profile, Severity
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING, Profile.STANDARD)
def blocking_disruption_budget(existing: Existing) -> Problems:
    """A disruption budget that never lets a pod go.

    `kubectl drain`, the update of a node and the autoscaler ask before they move a pod, and this budget always says no: nodes cannot be emptied until
    somebody deletes it by hand. A budget is for what has more pods than it needs at a time.

    **Avoid**

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
      minAvailable: 2 # finding
      selector:
        matchLabels:
          app: web
    ```

    **Prefer**

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
    scaled = {
        (each.ref.namespace, text(each.get("spec", "scaleTargetRef", "name"))) for each in existing.of("HorizontalPodAutoscaler", "autoscaling")
    }
    for budget in existing.of("PodDisruptionBudget", "policy"):
        spec, namespace = mapping(budget.get("spec")), budget.ref.namespace or "default"
        found = list(pods(existing, [namespace], mapping(spec.get("selector")))) if spec.get("selector") else []
        if not found:
            continue
        is_scaled = any((each.object.ref.namespace, each.object.ref.name) in scaled for each in found)
        count = sum(map(replicas, found))
        field = _blocks(spec, MANY if is_scaled else count)
        if field:
            message = (
                f"{budget.ref} lets none of the {count} pods of {found[0].object.ref} go"
                if count != 1
                else f"{budget.ref} never lets {found[0].object.ref}'s only pod go"
            )
            yield Problem(budget.at("spec", field), message, "run one more, or let one go: maxUnavailable: 1")


MANY = 1_000_000
"""More pods than a number in a budget asks for: of how many there are an autoscaler decides."""


def _blocks(spec: Mapping[str, object], count: int) -> str:
    """The field by which a budget lets none of that many pods go, "" if it lets some. None at all need no leave."""
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if count and (most in ("0", "0%") or (isinstance(most, int) and most <= 0)):
        return "maxUnavailable"
    if count and (least == "100%" or (isinstance(least, int) and least >= count)):
        return "minAvailable"
    return ""
