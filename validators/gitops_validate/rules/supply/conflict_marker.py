from __future__ import annotations

from gitops_validate.leftovers import conflicts
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import Place
from gitops_validate.rule import Problems, rule

FIX = "keep one of both versions, and remove the three markers"


@rule(Severity.ERROR)
def conflict_marker(repo: Repo) -> Problems:
    """A merge conflict that was committed.

    What stands between the markers is both versions or none. In YAML it does not parse, or worse, it does: inside a block of text, a script or a
    dashboard.

    **Avoid**

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
    <<<<<<< HEAD # finding
      LOG_LEVEL: info
    =======
      LOG_LEVEL: debug
    >>>>>>> more-logs
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
    for path in sorted(repo.digests):
        yield from (Problem(Place(path, number, 1), "a merge conflict was committed", FIX) for number in conflicts(repo, path)[:1])
