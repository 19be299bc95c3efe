from __future__ import annotations

from gitops_validate.judging.causes import failure
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Render, Rendered
from gitops_validate.placing.pinpoint import place
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def outside_path(render: Render, rendered: Rendered, repo: Repo) -> Problems:
    """A path that leaves the repository.

    Flux works in a copy of the repository and refuses everything outside of it, so the Kustomization is never applied. A path that leads out
    is also how a merge request would read files that are none of its business; nothing behind it is opened here.

    **Avoid**

    ```yaml clusters/dev/kustomization.yaml
    resources:
      - ../../../shared/settings.yaml # finding
    ```

    **Prefer**

    ```yaml clusters/dev/kustomization.yaml
    resources:
      - ../../shared/settings.yaml
    ```

    ```yaml shared/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    ```
    """
    found = failure(render, rendered, repo)
    if found and found.reason == "outside-path":
        yield Problem(
            place(found, render, repo, "path"), f"{render.reconciler.ref} cannot be built: {found.message}", "name a path in the repository"
        )
