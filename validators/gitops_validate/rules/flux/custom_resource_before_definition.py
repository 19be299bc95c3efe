from __future__ import annotations

from collections import defaultdict

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import text
from gitops_validate.existing.order import is_below
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import RenderedObject
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def custom_resource_before_definition(existing: Existing) -> Problems:
    """A custom resource in the reconciler that has yet to bring its definition.

    Flux asks the API server for a dry run of everything in a Kustomization before it applies any of it. The custom resource is refused ("no matches for
    kind") as long as the definition is not there, so the release or the Kustomization beside it that would bring the definition is not applied either: a
    new cluster never gets further. In one that has the definition already, nothing shows,
    which is why this is a warning. A CustomResourceDefinition that stands beside the resource
    itself is in order, for Flux applies those first; Helm does so with `crds/` only.

    **Avoid**

    ```yaml clusters/dev/space.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: space
      namespace: default
    spec:
      interval: 1h
      chart:
        spec:
          chart: ./charts/space
          sourceRef:
            kind: GitRepository
            name: flux-system
            namespace: flux-system
    ```

    ```yaml clusters/dev/earth.yaml
    apiVersion: space.example/v1
    kind: Planet # finding
    metadata:
      name: earth
      namespace: default
    ```

    ```yaml charts/space/Chart.yaml
    apiVersion: v2
    name: space
    version: 1.0.0
    ```

    ```yaml charts/space/crds/planet.yaml
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata:
      name: planets.space.example
    spec:
      group: space.example
      scope: Namespaced
      names:
        kind: Planet
        plural: planets
      versions:
        - name: v1
          served: true
          storage: true
          schema:
            openAPIV3Schema:
              type: object
    ```

    **Prefer**

    ```yaml clusters/dev/space.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: space-controller
      namespace: flux-system
    spec:
      interval: 10m
      path: ./controller
      prune: true
      wait: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: space-config
      namespace: flux-system
    spec:
      interval: 10m
      path: ./config
      prune: true
      dependsOn:
        - name: space-controller
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml controller/space.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: space
      namespace: default
    spec:
      interval: 1h
      chart:
        spec:
          chart: ./charts/space
          sourceRef:
            kind: GitRepository
            name: flux-system
            namespace: flux-system
    ```

    ```yaml config/earth.yaml
    apiVersion: space.example/v1
    kind: Planet
    metadata:
      name: earth
      namespace: default
    ```

    ```yaml charts/space/Chart.yaml
    apiVersion: v2
    name: space
    version: 1.0.0
    ```

    ```yaml charts/space/crds/planet.yaml
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata:
      name: planets.space.example
    spec:
      group: space.example
      scope: Namespaced
      names:
        kind: Planet
        plural: planets
      versions:
        - name: v1
          served: true
          storage: true
          schema:
            openAPIV3Schema:
              type: object
    ```
    """
    brought: dict[tuple[str, str], list[RenderedObject]] = defaultdict(list)
    for definition in existing.of("CustomResourceDefinition", "apiextensions.k8s.io"):
        brought[text(definition.get("spec", "group")), text(definition.get("spec", "names", "kind"))].append(definition)
    told = set()
    for each in existing.objects:
        definitions = brought.get((each.ref.group, each.ref.kind), ())
        if definitions and not each.hooks and all(_is_late(definition, each, existing) for definition in definitions):
            key = (each.reconciler, each.ref.group, each.ref.kind)
            if key not in told:
                told.add(key)
                message = f"{each.ref} is applied by {each.reconciler}, which has to succeed before {definitions[0].reconciler} brings its definition"
                yield Problem(each.at("kind"), message, _fix(each, definitions[0]))


def _is_late(definition: RenderedObject, resource: RenderedObject, existing: Existing) -> bool:
    """Whether a definition can only come once the reconciler of a resource has applied everything."""
    if definition.reconciler == resource.reconciler:
        return definition.reconciler.kind == "HelmRelease" and not definition.crd and not definition.hooks
    return is_below(existing.rendered, definition.reconciler, resource.reconciler)


def _fix(resource: RenderedObject, definition: RenderedObject) -> str:
    if resource.reconciler == definition.reconciler:
        return "move the definition to crds/ of the chart, or the resource to a release that depends on it"
    return f"move it to a Kustomization that depends on the one with {definition.reconciler}"
