from __future__ import annotations

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import FluxKustomization
from gitops_validate.rule import Problems, rule


@rule(Severity.INFO)
def prune_off(kustomization: FluxKustomization) -> Problems:
    """A Kustomization that does not prune.

    What is removed from the repository stays in the cluster, unseen and without anybody who cares for it. To protect single objects, such as
    namespaces or claims, annotate them with `kustomize.toolkit.fluxcd.io/prune: disabled`.

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
      prune: false # finding
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
    if kustomization.spec.get("prune") is False:
        yield Problem(kustomization.at("prune"), f"{kustomization.ref} leaves behind what is removed from the repository", "set `prune: true`")
