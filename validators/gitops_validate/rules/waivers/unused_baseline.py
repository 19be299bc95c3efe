from __future__ import annotations

from gitops_validate.judging.baseline import NAME
from gitops_validate.mend.lines import entry_of_baseline
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.place import Place
from gitops_validate.model.waiver import BaselineEntry
from gitops_validate.rule import Problems, rule


@rule(Severity.INFO, mend=entry_of_baseline)
def unused_baseline(entry: BaselineEntry) -> Problems:
    """An entry of the baseline that is of no use.

    What it stands for is repaired, or is another finding by now. As long as the entry stays, the same fault may come back and nobody is told.

    In a merge request only the entries of the commit that it starts from count: one that the request brings is told, and does not hide anything.

    **Avoid**

    ```yaml .gitops-validate-baseline.yaml
    version: 1
    findings:
      - {rule: deprecated-api, path: clusters/dev/old.yaml, fingerprint: 4d6ad4d0a7d64d2ba3f2d6a2ffbe0c3a5d4e0b7a0f6b1c6d7c1d4f2a9b8e7d6c} # finding
    ```

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    ```

    **Prefer**

    ```yaml .gitops-validate-baseline.yaml
    version: 1
    findings: []
    ```

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    ```
    """
    about = f"{entry.rule} in {entry.object or entry.path or entry.environment}"
    place = Place(NAME, entry.line, 1 if entry.line else 0)
    if not entry.believed:
        yield Problem(
            place, f"the entry of the baseline for {about} comes with this merge request and does not count in it", "merge it first, on its own"
        )
    else:
        yield Problem(place, f"the baseline has {about}, which is not found any more", "write it again with `gitops-validate check --write-baseline`")
