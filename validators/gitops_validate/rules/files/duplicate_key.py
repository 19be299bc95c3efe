from __future__ import annotations

from gitops_validate.mend.lines import said_twice
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import YamlFile
from gitops_validate.model.place import Place
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR, mend=said_twice)
def duplicate_key(file: YamlFile) -> Problems:
    """A key that stands twice in the same mapping.

    Most readers of YAML silently keep the last one, so a review sees one value and the cluster gets another. kustomize refuses the file, and
    with it everything that is built together with it.

    **Avoid**

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
    data:
      mode: fast
      mode: safe # finding
    ```

    **Prefer**

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
    data:
      mode: safe
    ```
    """
    for problem in file.problems:
        if problem.reason == "duplicate-key":
            yield Problem(Place(file.path, problem.line, problem.column), problem.message, "keep one of the two")
