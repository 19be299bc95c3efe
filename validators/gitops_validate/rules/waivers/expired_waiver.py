from __future__ import annotations

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.waiver import WaiverUse
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def expired_waiver(use: WaiverUse) -> Problems:
    """A waiver whose day has passed.

    It no longer waives anything. Somebody promised to repair it by that day: do it, or decide anew.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    waivers:
      - rule: deprecated-api # finding
        object: Endpoints/*
        reason: the cluster is upgraded in spring
        expires: "2020-03-31"
    ```

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    ```

    **Prefer**

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    ```
    """
    if use.expired:
        yield Problem(use.at, f"the waiver of {use.rule} expired on {use.expires}", "repair what it is for, or give it a new day")
