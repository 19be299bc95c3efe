from __future__ import annotations

from gitops_validate.judging.causes import failure
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Render, Rendered
from gitops_validate.placing.pinpoint import place
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def remote_reference(render: Render, rendered: Rendered, repo: Repo) -> Problems:
    """A kustomization that takes files from another place than this repository.

    What an address serves can change without a merge request, Flux has to reach it at every reconciliation (with `--no-remote-bases`, as clusters of
    several tenants have it, it refuses to), and a clever address can carry more than a place. Nothing is fetched here: what such an entry brings is
    unknown, and so is what would be applied. The Kustomization counts as not checked.

    **Avoid**

    ```yaml clusters/dev/kustomization.yaml
    resources:
      - https://manifests.example/monitoring.yaml # finding
    ```

    **Prefer**

    ```yaml clusters/dev/kustomization.yaml
    resources:
      - monitoring.yaml
    ```

    ```yaml clusters/dev/monitoring.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: monitoring
    ```
    """
    found = failure(render, rendered, repo)
    if found and found.reason == "remote-reference":
        message = (
            f"{found.message.partition(' does not lie')[0]} does not lie in this repository: {render.reconciler.ref} depends on what is served there"
        )
        yield Problem(place(found, render, repo, "path"), message, "commit the files, or declare a source and a Kustomization for them")
