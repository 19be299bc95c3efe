from __future__ import annotations

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Render
from gitops_validate.placing.pinpoint import place
from gitops_validate.rule import Problems, rule
from gitops_validate.rules.flux.unset_variable import ways


@rule(Severity.WARNING)
def emptied_variable(render: Render, repo: Repo) -> Problems:
    """A variable that nothing sets, and of which an earlier Flux makes nothing.

    The environment says that it runs a Flux before 2.9, or one whose gate StrictPostBuildSubstitutions is closed. That puts nothing in the place of
    a `${name}` that has neither a value nor a default, without a word: a host loses its domain, a script its arguments. Flux 2.9 stops the
    Kustomization instead. What is rendered is what the environment gets now, with nothing in that place.

    **Avoid**

    ```yaml clusters/dev/flux.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    metadata:
      name: flux-manifests
      namespace: flux-system
    spec:
      interval: 10m
      url: oci://ghcr.io/fluxcd/flux-manifests
      ref:
        tag: v2.8.3
    ```

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
      postBuild:
        substitute:
          domain: dev.example
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      host: web.${domian} # finding
    ```

    **Prefer**

    ```yaml clusters/dev/flux.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    metadata:
      name: flux-manifests
      namespace: flux-system
    spec:
      interval: 10m
      url: oci://ghcr.io/fluxcd/flux-manifests
      ref:
        tag: v2.8.3
    ```

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
      postBuild:
        substitute:
          domain: dev.example
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      host: web.${domain}
      mode: ${mode:=safe}
    ```
    """
    for found in render.emptied:
        message = f"{found.message}: it becomes nothing, and stops {render.reconciler.ref} from Flux 2.9 on"
        yield Problem(place(found, render, repo, "postBuild"), message, ways(found, render))
