from __future__ import annotations

import posixpath

from gitops_validate.mend.lines import said_twice
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo, YamlFile
from gitops_validate.model.place import Place
from gitops_validate.placing.kustomization import is_only_text
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR, mend=said_twice)
def duplicate_key(file: YamlFile, repo: Repo) -> Problems:
    """A key that stands twice in the same mapping.

    Most readers of YAML silently keep the last one, so a review sees one value and the cluster gets another. kustomize refuses the file, and
    with it everything that is built together with it. What only a generator reads, into a ConfigMap or a Secret, is text of another program, which may
    well take a key twice; values of a chart are not.

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
        if problem.reason == "duplicate-key" and not (is_only_text(repo, file.path) and "values" not in posixpath.basename(file.path)):
            yield Problem(Place(file.path, problem.line, problem.column), problem.message, "keep one of the two")
