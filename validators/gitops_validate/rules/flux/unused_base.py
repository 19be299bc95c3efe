from __future__ import annotations

import posixpath

from gitops_validate.building.reading import Reading
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.rule import Problems, rule


@rule(Severity.INFO)
def unused_base(repo: Repo, reading: Reading) -> Problems:
    """A kustomization that nothing builds.

    No Kustomization of Flux names its folder, and no other kustomization includes it: it is left over, or somebody forgot to include it.

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
    ```

    ```yaml apps/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - settings.yaml
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

    ```yaml features/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1 # finding
    kind: Kustomization
    resources:
      - features.yaml
    ```

    ```yaml features/features.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: features
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

    ```yaml apps/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - settings.yaml
      - ../features
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

    ```yaml features/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - features.yaml
    ```

    ```yaml features/features.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: features
      namespace: default
    data:
      LOG_LEVEL: info
    ```
    """
    for path in reading.unbuilt if reading.is_whole and not reading.leads_nowhere else ():
        folder = posixpath.dirname(path)
        if repo.files[path].manifests and not reading.is_mentioned(folder, folder if "/" in folder else f"/{folder}"):
            at = repo.files[path].manifests[0].at("apiVersion")
            yield Problem(at, f"nothing builds {folder or '.'}", "include it, let a Kustomization reconcile it, or remove it")
