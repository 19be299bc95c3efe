from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.render import Rendered
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def depends_on_cycle(rendered: Rendered) -> Problems:
    """Reconcilers that wait for each other.

    Each waits until the next one is ready, so none of them ever starts. Flux reports "dependency not ready" on all of them and never says
    that it is a circle.

    **Avoid**

    ```yaml clusters/dev/stages.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps
      prune: true
      dependsOn:
        - name: policies # finding
      sourceRef:
        kind: GitRepository
        name: flux-system
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: policies
      namespace: flux-system
    spec:
      interval: 10m
      path: ./policies
      prune: true
      dependsOn:
        - name: apps
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: apps
      namespace: default
    ```

    ```yaml policies/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: policies
      namespace: default
    ```

    **Prefer**

    ```yaml clusters/dev/stages.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps
      prune: true
      dependsOn:
        - name: policies
      sourceRef:
        kind: GitRepository
        name: flux-system
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: policies
      namespace: flux-system
    spec:
      interval: 10m
      path: ./policies
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: apps
      namespace: default
    ```

    ```yaml policies/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: policies
      namespace: default
    ```
    """
    needs = {ref: list(render.reconciler.depends_on) for ref, render in rendered.reconcilers.items()}
    for circle in _circles(needs):
        reconciler = rendered.reconcilers[circle[0]].reconciler
        index = list(reconciler.depends_on).index(circle[1])
        chain = " → ".join(map(str, circle))
        yield Problem(
            reconciler.at("dependsOn", index, "name"), f"{chain}: each waits for the next, so none starts", "remove one of the dependencies"
        )


def _circles(needs: dict[ReconcilerRef, list[ReconcilerRef]]) -> Iterator[list[ReconcilerRef]]:
    """Every circle once, from its first member in order, and back to it. Each is broken there before the next is looked for."""
    while True:
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as found:
            members = list(reversed(found.args[1]))[1:]
            first = members.index(min(members))
            circle = [*members[first:], *members[:first], members[first]]
            yield circle
            needs[circle[0]] = [each for each in needs[circle[0]] if each != circle[1]]
        else:
            return
