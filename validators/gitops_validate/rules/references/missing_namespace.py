from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def missing_namespace(existing: Existing) -> Problems:
    """Objects in a namespace that nothing creates.

    The API server refuses them ("namespaces … not found"), and Flux then applies nothing of the reconciler that they belong to. A repository that
    creates no namespaces leaves them to somebody else; a HelmRelease with install.createNamespace creates its own.

    **Avoid**

    ```yaml clusters/dev/serving.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: serving
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: servin # finding
    data:
      LOG_LEVEL: info
    ```

    **Prefer**

    ```yaml clusters/dev/serving.yaml
    apiVersion: v1
    kind: Namespace
    metadata:
      name: serving
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      namespace: serving
    data:
      LOG_LEVEL: info
    ```
    """
    if not existing.brings("Namespace"):
        return
    created = existing.created
    told = set()
    for each in existing.objects:
        where = each.ref.namespace
        if where and where not in created and (each.reconciler, where) not in told and existing.lacks_namespace(where):
            told.add((each.reconciler, where))
            fix = did_you_mean(where, created) or "declare the Namespace"
            yield Problem(each.at("metadata", "namespace"), f"{each.ref} is in the namespace {where}, which nothing creates", fix)
