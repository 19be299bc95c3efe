from __future__ import annotations

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import Place
from gitops_validate.rule import Problems, rule

LEFT = (".rej", ".orig")


@rule(Severity.WARNING)
def leftover_file(repo: Repo) -> Problems:
    """A file that a tool left behind.

    `.rej` holds the parts of a patch that did not apply, `.orig` what a merge tool kept: an update of the template, or a merge, that is only half done.
    Both may hold what was meant to be gone.

    **Avoid**

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      LOG_LEVEL: info
    ```

    ```yaml clusters/dev/settings.yaml.rej
    @@ -1,3 +1,3 @@ # finding
    -  LOG_LEVEL: info
    +  LOG_LEVEL: debug
    ```

    **Prefer**

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      LOG_LEVEL: info
    ```
    """
    for path in sorted(path for path in repo.digests if path.endswith(LEFT)):
        yield Problem(
            Place(path, 1, 1), f"{path.rpartition('/')[2]} was left behind by a merge or a patch", "see that nothing of it is missing, and remove it"
        )
