from __future__ import annotations

from gitops_validate.judging.causes import failure
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Render, Rendered
from gitops_validate.placing.pinpoint import place
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def invalid_variable(render: Render, rendered: Rendered, repo: Repo) -> Problems:
    """A variable whose name Flux does not accept.

    Names of postBuild variables are letters, digits and underscores, and do not begin with a digit. One other name stops the substitution of
    the whole Kustomization.

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
      postBuild:
        substitute:
          base-domain: dev.example # finding
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      mode: safe
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
      postBuild:
        substitute:
          base_domain: dev.example
    ```

    ```yaml apps/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      mode: safe
    ```
    """
    found = failure(render, rendered, repo)
    if found and found.reason == "invalid-variable":
        yield Problem(place(found, render, repo, "postBuild", "substitute", found.field), found.message, "use letters, digits and underscores only")
