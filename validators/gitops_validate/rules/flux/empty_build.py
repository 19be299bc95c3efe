from __future__ import annotations

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import FluxKustomization, Render
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def empty_build(render: Render) -> Problems:
    """A Kustomization of which no object comes.

    Flux takes an empty folder of manifests, or a kustomization.yaml that lists nothing, for what is wanted: it succeeds, and prunes whatever the
    Kustomization has applied before.

    **Avoid**

    ```yaml clusters/dev/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 10m
      path: ./apps # finding
      prune: true
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```

    ```yaml apps/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources: []
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
    kustomization = render.reconciler
    if render.objects or render.failure or render.incomplete or not isinstance(kustomization, FluxKustomization) or kustomization.object is None:
        return
    pruned = ", and what it has applied is deleted" if kustomization.spec.get("prune") else ""
    message = f"{kustomization.ref} applies nothing: no object comes of {render.path}{pruned}"
    yield Problem(kustomization.at("path"), message, "list what belongs there in its kustomization.yaml, or remove the Kustomization")
