from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import text
from gitops_validate.existing.order import waits_for
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import FluxKustomization
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def dangling_health_check(kustomization: FluxKustomization, existing: Existing) -> Problems:
    """A health check of an object that does not exist, or that comes later.

    Flux waits for the object until the timeout and then calls the Kustomization failed; whatever depends on it is never applied. An object whose own
    reconciler depends on this one comes too late as well: both wait for each other. With `wait: true` Flux ignores the list.

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
      healthChecks:
        - apiVersion: apps/v1
          kind: Deployment
          name: apis # finding
          namespace: default
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/api.yaml
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
      healthChecks:
        - apiVersion: apps/v1
          kind: Deployment
          name: api
          namespace: default
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/api.yaml
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
    ```
    """
    for index, check in _checks(kustomization):
        kind, name = text(check.get("kind")), text(check.get("name"))
        namespace = text(check.get("namespace"))
        group = text(check.get("apiVersion")).rpartition("/")[0]
        found = existing.any_object(group, kind, namespace, name)
        at = kustomization.at("healthChecks", index, "name")
        if found is None and existing.lacks(kind, namespace, name, group):
            near = did_you_mean(name, (each.ref.name for each in existing.of(kind, group) if each.ref.namespace == namespace))
            label = "/".join(part for part in (kind, namespace, name) if part)
            yield Problem(at, f"{kustomization.ref} waits for {label}, which nothing brings", near or "name an object that it applies")
        elif (
            found is None and namespace and existing.lacks_namespace(namespace) and (meant := _elsewhere(existing, kind, group, name, kustomization))
        ):
            spot = kustomization.at("healthChecks", index, "namespace")
            yield Problem(spot, f"{kustomization.ref} waits for {kind}/{namespace}/{name}, which nothing brings", f"did you mean {meant}?")
        elif found is not None and waits_for(existing.rendered, found.reconciler, kustomization.ref):
            message = f"{kustomization.ref} waits for {found.ref}, which {found.reconciler} brings, and that depends on {kustomization.ref}"
            yield Problem(at, message, "check the health of what comes before, or let it wait by dependsOn")


def _elsewhere(existing: Existing, kind: str, group: str, name: str, kustomization: FluxKustomization) -> str:
    """The namespace of the object of that name that the Kustomization itself applies."""
    own = (each.ref for each in existing.of(kind, group) if each.reconciler == kustomization.ref)
    return next((ref.namespace for ref in own if ref.name == name), "")


def _checks(kustomization: FluxKustomization) -> Iterator[tuple[int, dict[str, Any]]]:
    """The health checks that Flux looks at."""
    listed = kustomization.spec.get("healthChecks") if kustomization.spec.get("wait") is not True else ()
    for index, check in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(check, dict) and check.get("name") and check.get("kind"):
            yield index, check
