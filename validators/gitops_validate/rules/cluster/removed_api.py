from __future__ import annotations

from gitops_validate.mend.words import newer_version
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import Verdict
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR, mend=newer_version)
def removed_api(verdict: Verdict) -> Problems:
    """An API version that the environment's Kubernetes no longer serves.

    The API server does not know the kind at all any more, so applying fails with "no matches for kind". It is found most often by the upgrade
    of the cluster, when everything in the same Kustomization stops being reconciled. A version that is there still, and off unless `runtime-config`
    switches it on, is refused under api-verdict instead.

    **Avoid**

    ```yaml clusters/dev/nightly.yaml
    apiVersion: batch/v1beta1 # finding
    kind: CronJob
    metadata:
      name: nightly
      namespace: default
    spec:
      schedule: 0 3 * * *
      jobTemplate:
        spec:
          template:
            spec:
              restartPolicy: Never
              containers:
                - name: report
                  image: registry.example/report:2.0.1
    ```

    **Prefer**

    ```yaml clusters/dev/nightly.yaml
    apiVersion: batch/v1
    kind: CronJob
    metadata:
      name: nightly
      namespace: default
    spec:
      schedule: 0 3 * * *
      jobTemplate:
        spec:
          template:
            spec:
              restartPolicy: Never
              containers:
                - name: report
                  image: registry.example/report:2.0.1
    ```
    """
    if verdict.removed:
        since = f": Kubernetes {verdict.removed.since} removed it" if verdict.removed.since else ""
        fix = f"use {verdict.removed.replacement}" if verdict.removed.replacement else ""
        yield Problem(verdict.object.at("apiVersion"), f"{verdict.removed.message}{since}", fix)
