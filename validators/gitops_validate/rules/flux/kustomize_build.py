from __future__ import annotations

from gitops_validate.judging.causes import NAMED, failure
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import FluxKustomization, Render, Rendered
from gitops_validate.placing.pinpoint import place
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def kustomize_build(render: Render, rendered: Rendered, repo: Repo) -> Problems:
    """A Kustomization that kustomize cannot build.

    Flux builds a path as a whole. If that fails nothing below it is applied, and what stands in the cluster no longer follows the repository,
    usually without anybody noticing until the next change does not arrive. The path is built here as kustomize-controller builds it.

    **Avoid**

    ```yaml clusters/dev/kustomization.yaml
    resources:
      - settings.yaml
    patches:
      - target:
          kind: ConfigMap
          name: settings
        patch: |
          - op: replace
            path: /settings/mode # finding
            value: fast
    ```

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      mode: safe
    ```

    **Prefer**

    ```yaml clusters/dev/kustomization.yaml
    resources:
      - settings.yaml
    patches:
      - target:
          kind: ConfigMap
          name: settings
        patch: |
          - op: replace
            path: /data/mode
            value: fast
    ```

    ```yaml clusters/dev/settings.yaml
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
    if found and isinstance(render.reconciler, FluxKustomization) and found.reason not in NAMED:
        message = f"{render.reconciler.ref} cannot be built: {found.message}"
        yield Problem(place(found, render, repo, "path"), message)
