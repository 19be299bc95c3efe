from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from gitops_validate.config import Config
from gitops_validate.model.change import ABSENT
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import InObject, InValues, Likeliest, RenderedObject
from gitops_validate.parity.declared import Declared, shown
from gitops_validate.parity.differing import Differing, differing
from gitops_validate.parity.fleet import Fleet
from gitops_validate.parity.foreign import foreign
from gitops_validate.parity.leaves import route
from gitops_validate.parity.releases import is_release
from gitops_validate.parity.said import by_value, listed, said
from gitops_validate.placing.routes import Route
from gitops_validate.review.veil import Veil
from gitops_validate.rule import Problems, rule

VALUES = ("spec", "values")


@rule(Severity.WARNING)
def undeclared_difference(fleet: Fleet, config: Config, repo: Repo) -> Problems:
    """A field that differs between environments, and nothing declares that it may.

    What was tried in one environment is not what the next one gets. Told only where `.gitops-validate.yaml` has a section `differ`, which declares what
    may: by object, by field, for environments, with a reason. Never told are an environment's own name and domain, versions, and what a Secret holds.
    A release is compared by its merged values, not by what its chart makes of them.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    differ:
      - object: Deployment/*
        fields: [spec.replicas]
        reason: dev is small
    ```

    ```yaml apps/base/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      replicas: 1
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
            - name: web
              image: registry.example/web:1.4.2
              env:
                - name: LOG_LEVEL
                  value: info
    ```

    ```yaml apps/base/kustomization.yaml
    resources:
      - web.yaml
    ```

    ```yaml clusters/dev/kustomization.yaml
    resources:
      - ../../apps/base
    ```

    ```yaml clusters/prod/kustomization.yaml
    resources:
      - ../../apps/base
    patches:
      - path: more.yaml
    ```

    ```yaml clusters/prod/more.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      replicas: 3
      template:
        spec:
          containers:
            - name: web
              env:
                - name: LOG_LEVEL
                  value: debug # finding
    ```

    **Prefer**

    ```yaml .gitops-validate.yaml
    version: 1
    differ:
      - object: Deployment/*
        fields: [spec.replicas]
        reason: dev is small
      - object: Deployment/default/web
        fields: ["**.env[LOG_LEVEL]"]
        environments: [dev]
        reason: whoever works on it wants to see more
    ```

    ```yaml apps/base/web.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      replicas: 3
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
            - name: web
              image: registry.example/web:1.4.2
              env:
                - name: LOG_LEVEL
                  value: info
    ```

    ```yaml apps/base/kustomization.yaml
    resources:
      - web.yaml
    ```

    ```yaml clusters/prod/kustomization.yaml
    resources:
      - ../../apps/base
    ```

    ```yaml clusters/dev/kustomization.yaml
    resources:
      - ../../apps/base
    patches:
      - path: less.yaml
    ```

    ```yaml clusters/dev/less.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      replicas: 1
      template:
        spec:
          containers:
            - name: web
              env:
                - name: LOG_LEVEL
                  value: debug
    ```
    """
    if config.differ is None:
        return
    declared, unlike = Declared(config.differ), list(fleet.unlike())
    veil = Veil(chain.from_iterable(fleet.look(name).objects for name in sorted({name for _, things in unlike for name in things})))
    led_astray = [spot for *_, spot in foreign(fleet, repo)] if unlike else []
    for (_, name), things in unlike:
        for found in differing(fleet, things, declared.of(name)):
            routes = {each: route(fleet.compared(each).data(thing), found.path) for each, thing in found.objects.items()}
            if not any(_holds(found.objects, routes, spot) for spot in led_astray):
                yield _problem(name, found, routes, veil)


def _holds(objects: Mapping[str, RenderedObject], routes: Mapping[str, Route], spot: InObject) -> bool:
    """Whether a field differs because it leads into another environment, which is told already."""
    found = objects.get(spot.object.environment)
    steps = routes.get(spot.object.environment, ())
    return found is not None and found.ref == spot.object.ref and spot.route[: len(steps)] == steps


def _problem(name: str, found: Differing, routes: Mapping[str, Route], veil: Veil) -> Problem:
    field = shown(found.path)
    groups = by_value({each: _visible(veil, found, field, each, routes) for each in found.values})
    values = ", ".join(f"{said(value)} in {listed(names)}" for value, names in groups)
    there = [each for value, names in groups if value is not ABSENT for each in names]
    spots = tuple(_spot(found.objects[each], routes[each]) for each in there)
    fix = f'write it once for all, in the base, or declare it under `differ`: {{object: {name}, fields: ["{field}"], reason: …}}'
    return Problem(Likeliest(spots), f"{field} of {name} is {values}, and nothing declares that it may differ", fix, field=field)


def _visible(veil: Veil, found: Differing, field: str, name: str, routes: Mapping[str, Route]) -> Any:
    """A value as it may be printed."""
    value = found.values[name]
    return value if value is ABSENT else veil.value(found.objects[name].ref.kind, routes[name], field, value)


def _spot(thing: RenderedObject, steps: Route) -> InObject | InValues:
    if is_release(thing) and steps[:2] == VALUES and thing.get(*steps) is None:
        return InValues(thing, steps[2:])
    return InObject(thing, steps)
