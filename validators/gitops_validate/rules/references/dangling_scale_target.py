from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import mapping, text
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule

SCALED = ("Deployment", "StatefulSet", "ReplicaSet")
"""The built-in kinds that can be scaled."""
DEFAULT = {"ScaledObject": "Deployment"}
"""What is scaled where no kind is named."""


@rule(Severity.WARNING)
def dangling_scale_target(existing: Existing) -> Problems:
    """An autoscaler of a workload that does not exist.

    The HorizontalPodAutoscaler, or KEDA's ScaledObject, is accepted and scales nothing, which shows under load. A ScaledObject that names no kind scales
    a Deployment.

    **Avoid**

    ```yaml clusters/dev/api.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: api
      namespace: default
    spec:
      selector:
        matchLabels:
          app: api
      template:
        metadata:
          labels:
            app: api
        spec:
          containers:
            - name: api
              image: registry.example/api:1.4.0
              ports:
                - name: http
                  containerPort: 8080
    ---
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata:
      name: api
      namespace: default
    spec:
      maxReplicas: 3
      scaleTargetRef:
        apiVersion: apps/v1
        kind: Deployment
        name: apis # finding
      metrics:
        - type: Resource
          resource:
            name: cpu
            target:
              type: Utilization
              averageUtilization: 80
    ```

    **Prefer**

    ```yaml clusters/dev/api.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: api
      namespace: default
    spec:
      selector:
        matchLabels:
          app: api
      template:
        metadata:
          labels:
            app: api
        spec:
          containers:
            - name: api
              image: registry.example/api:1.4.0
              ports:
                - name: http
                  containerPort: 8080
    ---
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata:
      name: api
      namespace: default
    spec:
      maxReplicas: 3
      scaleTargetRef:
        apiVersion: apps/v1
        kind: Deployment
        name: api
      metrics:
        - type: Resource
          resource:
            name: cpu
            target:
              type: Utilization
              averageUtilization: 80
    ```
    """
    for scaler in (*existing.of("HorizontalPodAutoscaler", "autoscaling"), *existing.of("ScaledObject", "keda.sh")):
        target = mapping(scaler.get("spec", "scaleTargetRef"))
        kind, name = text(target.get("kind")) or DEFAULT.get(scaler.ref.kind, ""), text(target.get("name"))
        namespace = scaler.ref.namespace or "default"
        if kind not in SCALED or not name or text(target.get("apiVersion")) not in ("", "apps/v1"):
            continue
        message = f"{scaler.ref} scales {kind}/{namespace}/{name}, which nothing brings"
        twin = next((other for other in sorted(SCALED) if existing.object(other, namespace, name)), kind)
        if twin != kind and not existing.object(kind, namespace, name) and not existing.is_open(namespace):
            yield Problem(scaler.at("spec", "scaleTargetRef", "kind"), message, f"did you mean {twin}?")
        elif existing.lacks(kind, namespace, name):
            yield Problem(scaler.at("spec", "scaleTargetRef", "name"), message, did_you_mean(name, existing.near(kind, namespace)))
