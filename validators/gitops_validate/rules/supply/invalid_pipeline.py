from __future__ import annotations

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.pipeline import InvalidPipeline
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def invalid_pipeline(invalid: InvalidPipeline) -> Problems:
    """A pipeline that GitLab refuses.

    GitLab then runs no job at all: nothing is checked, and where merging does not wait for a pipeline, nothing stops it. Held against GitLab's own JSON
    Schema are `.gitlab-ci.yml`, the files of this checkout that it includes or triggers, and components in `templates/`. What a `!reference` or an input
    becomes is not judged, but a reference has to name something if all files of the pipeline are here; an included file has to be there.

    **Avoid**

    ```yaml .gitlab-ci.yml
    stages: [test]
    check:
      stage: test
      scripts: # finding
        - gitops-validate check
    report:
      script: !reference [.common, script] # finding
      artifacts:
        paths: report.json # finding
    ```

    ```yaml clusters/dev/settings.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: default
    data:
      LOG_LEVEL: info
    ```

    **Prefer**

    ```yaml .gitlab-ci.yml
    stages: [test]
    include:
      - local: ci/common.yml
    check:
      stage: test
      script:
        - gitops-validate check
    report:
      script: !reference [.common, script]
      artifacts:
        paths: [report.json]
    ```

    ```yaml ci/common.yml
    .common:
      script:
        - gitops-validate check --format json=report.json
    ```

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
    yield Problem(invalid.at, invalid.message, invalid.fix)
