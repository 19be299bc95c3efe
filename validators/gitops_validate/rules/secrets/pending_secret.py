from __future__ import annotations

from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Rendered
from gitops_validate.rule import Problems, rule
from gitops_validate.secrets.pending import missing


@rule(Severity.ERROR)
def pending_secret(rendered: Rendered, repo: Repo) -> Problems:
    """A secret that a live environment has to have, and has not.

    `secret-catalogue.yaml` names it, and nothing that this environment reconciles brings it: the pods that read it do not start. As long as an
    environment is not `live`, such a secret is only listed as pending; `check --require-secrets` treats all environments as live.

    **Avoid**

    ```yaml .gitops-validate.yaml
    version: 1
    environments:
      prod: {live: true}
    ```

    ```yaml secret-catalogue.yaml
    secrets:
      - name: mlflow-oidc # finding
        namespace: mlflow
        component: mlflow
        stage: config
        purpose: lets people log in
        keys:
          client-secret: {given: the identity provider's client mlflow}
    ```

    ```yaml clusters/prod/namespace.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: mlflow
    ```

    **Prefer**

    ```yaml .gitops-validate.yaml
    version: 1
    environments:
      prod: {live: false}
    ```

    ```yaml secret-catalogue.yaml
    secrets:
      - name: mlflow-oidc
        namespace: mlflow
        component: mlflow
        stage: config
        purpose: lets people log in
        keys:
          client-secret: {given: the identity provider's client mlflow}
    ```

    ```yaml clusters/prod/namespace.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: mlflow
    ```
    """
    if not rendered.environment.live:
        return
    for each in missing(repo, rendered):
        yield Problem(each.at, f"Secret/{each.pending.name} is not there, and {rendered.environment.name} is live", each.fix)
