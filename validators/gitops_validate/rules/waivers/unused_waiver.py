from __future__ import annotations

from gitops_validate.config import Config
from gitops_validate.mend.lines import idle_annotation
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.waiver import WaiverUse
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule, rules


@rule(Severity.WARNING, mend=idle_annotation)
def unused_waiver(use: WaiverUse, config: Config) -> Problems:
    """A waiver that waives nothing.

    What it was for is repaired, renamed or gone, or the waiver never fitted. It stays behind and will one day hide the next problem of that
    kind, which nobody has looked at.

    **Avoid**

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
      annotations:
        gitops-validate/allow.deprecated-api: the cluster is upgraded in spring # finding
    data:
      mode: safe
    ```

    **Prefer**

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
    if use.rule not in rules():
        yield Problem(use.at, f"no rule is called {use.rule}", did_you_mean(use.rule, rules()))
    elif not use.reason.strip():
        yield Problem(use.at, f"the waiver of {use.rule} gives no reason and does not count", "say why")
    elif not use.believed:
        yield Problem(use.at, f"the waiver of {use.rule} comes with this merge request and does not count in it", "merge it first, on its own")
    elif use.certain and not use.used and not use.expired and rules()[use.rule].profile <= config.profile:
        yield Problem(use.at, f"the waiver of {use.rule} waives nothing", "remove it")
