from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import labels, mapping
from gitops_validate.existing.selecting import is_foreign, nearest, pods
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import RenderedObject
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def selector_without_pods(existing: Existing) -> Problems:
    """A Service, a disruption budget or a network policy that selects no pods.

    A Service without pods refuses connections, a PodDisruptionBudget without pods protects nothing, and a NetworkPolicy without pods leaves open
    what it was meant to close. None of them is refused. Pods that controllers make are counted in: what carries a label of theirs is not judged.

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
    apiVersion: v1
    kind: Service
    metadata:
      name: api
      namespace: default
    spec:
      selector: # finding
        app: apii
      ports:
        - name: http
          port: 80
          targetPort: http
    ---
    apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata:
      name: api
      namespace: default
    spec:
      maxUnavailable: 1
      selector: # finding
        matchLabels:
          app: ap
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
    apiVersion: v1
    kind: Service
    metadata:
      name: api
      namespace: default
    spec:
      selector:
        app: api
      ports:
        - name: http
          port: 80
          targetPort: http
    ```
    """
    for owner, field, selector in _selectors(existing):
        namespaces = [owner.ref.namespace or "default"]
        known = [each.labels for each in existing.pods.get(namespaces[0], ())]
        if any(pods(existing, namespaces, selector)) or is_foreign(existing, namespaces, selector, known):
            continue
        hint = nearest(selector, known)
        yield Problem(owner.at("spec", field), f"{owner.ref} selects {_said(selector)}, which no pod in {namespaces[0]} is labelled with", hint)


def _selectors(existing: Existing) -> Iterator[tuple[RenderedObject, str, dict[str, Any]]]:
    """Each selector that selects anything less than everything, and the field that it stands in."""
    for service in existing.of("Service"):
        wanted = labels(service.get("spec", "selector"))
        if wanted and service.get("spec", "type") != "ExternalName":
            yield service, "selector", {"matchLabels": wanted}
    for kind, group, field in (("PodDisruptionBudget", "policy", "selector"), ("NetworkPolicy", "networking.k8s.io", "podSelector")):
        for owner in existing.of(kind, group):
            selector = mapping(owner.get("spec", field))
            if selector.get("matchLabels") or selector.get("matchExpressions"):
                yield owner, field, selector


def _said(selector: dict[str, Any]) -> str:
    parts = [f"{key}={value}" for key, value in mapping(selector.get("matchLabels")).items()]
    return ", ".join(parts) or "expressions"
