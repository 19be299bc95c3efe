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
    several tenants have it, it refuses to), and a clever address can carry more than a place. What such an entry brings is unknown, and so is what
    would be applied: the Kustomization counts as not checked.

    An entry of `resources`, `bases` or `components` is fetched, and built, where it names a full commit of a repository over HTTP
    (`https://git.example.com/team/base//prod?ref=` and 40 digits), or a file with the commit in its address, on a host under `hosts` in
    `.gitops-validate.yaml`; in a merge request, in that of the commit that the request starts from.

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
        yield Problem(
            place(found, render, repo, "path"),
            found.message,
            "commit the files, declare a source and a Kustomization for them, or name a full commit on a host that is under `hosts` in .gitops-validate.yaml",
        )
