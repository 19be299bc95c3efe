from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import RenderedObject
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def owned_twice(existing: Existing) -> Problems:
    """An object that two reconcilers apply.

    Each writes its own version over the other's at every interval, and the first of them that no longer lists the object deletes it under the other
    with `prune`. Namespaces that several reconcilers need belong into one that the others depend on.

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
      sourceRef:
        kind: GitRepository
        name: flux-system
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: tools
      namespace: flux-system
    spec:
      interval: 10m
      path: ./tools
      prune: true
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

    ```yaml tools/settings.yaml
    apiVersion: v1
    kind: ConfigMap # finding
    metadata:
      name: settings
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
      sourceRef:
        kind: GitRepository
        name: flux-system
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: tools
      namespace: flux-system
    spec:
      interval: 10m
      path: ./tools
      prune: true
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

    ```yaml tools/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: tools
      namespace: default
    data:
      LOG_LEVEL: info
    ```
    """
    first: dict[tuple[str, str, str, str], RenderedObject] = {}
    told = set()
    for each in existing.objects:
        ref = each.ref
        known = first.setdefault((ref.group, ref.kind, ref.namespace, ref.name), each)
        pair = (known.reconciler, each.reconciler)
        if pair[0] == pair[1] or pair in told or any(other.crd or other.hooks for other in (known, each)):
            continue
        told.add(pair)
        message = f"{each.ref} is applied by {each.reconciler} and by {known.reconciler}"
        yield Problem(each.at("kind"), message, "leave it to one of them, and let the other depend on that")
