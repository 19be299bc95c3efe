from __future__ import annotations

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import Reconciler
from gitops_validate.rule import Problems, rule


@rule(Severity.INFO)
def suspended(reconciler: Reconciler) -> Problems:
    """A reconciler that is suspended.

    Flux leaves it alone: what is merged below it does not reach the cluster, and drift is not corrected, until somebody remembers to resume it.

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
      suspend: true # finding
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
    if reconciler.suspended:
        yield Problem(reconciler.at("suspend"), f"{reconciler.ref} is suspended: changes do not reach the cluster", "remove `suspend` to resume it")
