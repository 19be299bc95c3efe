from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from gitops_validate.building import link
from gitops_validate.existing import Existing
from gitops_validate.existing.loose import mapping
from gitops_validate.existing.mirror import SOURCES
from gitops_validate.model.finding import Problem, Severity, Spot
from gitops_validate.model.render import FluxKustomization, Rendered
from gitops_validate.rule import Problems, rule

SHORTEST = 30
"""Seconds."""
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@rule(Severity.INFO)
def odd_interval(rendered: Rendered, existing: Existing) -> Problems:
    """An interval that is too short, or shorter than what has to happen in it.

    Flux applies everything again at each interval, to correct drift; changes reach it sooner by the source's own interval or by a webhook. Below 30
    seconds that is load on the API server without gain. A timeout beyond the interval, or a retryInterval beyond it, never takes effect as meant.

    **Avoid**

    ```yaml clusters/dev/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 10s # finding
      path: ./apps
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml clusters/dev/data.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: data
      namespace: flux-system
    spec:
      interval: 10m
      path: ./data
      prune: true
      retryInterval: 20m # finding
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      LOG_LEVEL: info
    ```

    ```yaml data/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: data
      namespace: default
    data:
      LOG_LEVEL: info
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
      retryInterval: 1m
      timeout: 5m
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      LOG_LEVEL: info
    ```
    """
    for reconciler in (render.reconciler for render in rendered.renders):
        fields = ("retryInterval", "timeout") if isinstance(reconciler, FluxKustomization) else ()
        yield from _judged(str(reconciler.ref), reconciler.spec, fields, reconciler.at)
    for source in (source for kind in SOURCES for source in existing.of(kind, link.SOURCE)):
        yield from _judged(str(source.ref), mapping(source.get("spec")), ("timeout",), partial(source.at, "spec"))


def _judged(name: str, spec: Mapping[str, Any], fields: tuple[str, ...], at: Callable[[str], Spot]) -> Problems:
    interval = seconds(spec.get("interval"))
    if interval is None:
        return
    if interval < SHORTEST:
        message = f"{name} is reconciled every {spec['interval']}"
        yield Problem(at("interval"), message, "let it be 30s or more; a webhook or `flux reconcile` is quicker than any interval")
    for field in fields:
        other = seconds(spec.get(field))
        if other is not None and other > interval:
            message = f"{name} has a {field} of {spec[field]}, beyond its interval of {spec['interval']}"
            yield Problem(at(field), message, "make it shorter than the interval, or the interval longer")


def seconds(duration: Any) -> float | None:
    """A duration as Go writes it, in seconds; None if it is none."""
    if not isinstance(duration, str) or not re.fullmatch(r"(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ms|s|m|h))+", duration):
        return None
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(r"([0-9.]+)(ms|s|m|h)", duration))
