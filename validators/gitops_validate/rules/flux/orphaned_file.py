from __future__ import annotations

import posixpath

from gitops_validate.building.reading import Reading
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.placing.kustomization import is_kustomization
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def orphaned_file(repo: Repo, reading: Reading) -> Problems:
    """A manifest beside a kustomization that does not list it.

    Where there is a kustomization.yaml, nothing else in its folder is applied unless it says so. The file looks like part of the cluster, in reviews too,
    and is not. What no reconciler builds at all, and files that something names, are not judged.

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

    ```yaml apps/features.yaml
    apiVersion: v1 # finding
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
      - features.yaml
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

    ```yaml apps/features.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: features
      namespace: default
    data:
      LOG_LEVEL: info
    ```
    """
    unread = sorted(repo.files.keys() - reading.files)
    if not unread or any(file.problems for file in repo.files.values()) or reading.leads_nowhere:
        return
    for path in unread:
        beside = "" if is_kustomization(path) else reading.beside(path)
        objects = [manifest for manifest in repo.files[path].manifests if manifest.ref and manifest.ref.name] if beside else []
        if not objects:
            continue
        if not reading.is_mentioned(path, posixpath.basename(path)):
            message = f"{objects[0].ref} is applied by nobody: {beside} does not list {posixpath.basename(path)}"
            yield Problem(objects[0].at("apiVersion"), message, "list it under resources, or remove it")
