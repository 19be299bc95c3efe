from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.wants import dangling
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def dangling_service_account(existing: Existing) -> Problems:
    """A pod, or a reconciler, under a ServiceAccount that does not exist.

    The API server refuses to create the pod ("serviceaccount not found"), so a workload that names one stays at no pods at all. What a
    Kustomization or a HelmRelease applies in the name of one is forbidden.

    **Avoid**

    ```yaml clusters/dev/api.yaml
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: trainer
      namespace: default
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: api
      namespace: default
    spec:
      serviceAccountName: traner # finding
      containers:
        - name: api
          image: registry.example/api:1.4.0
    ```

    **Prefer**

    ```yaml clusters/dev/api.yaml
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: trainer
      namespace: default
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: api
      namespace: default
    spec:
      serviceAccountName: trainer
      containers:
        - name: api
          image: registry.example/api:1.4.0
    ```
    """
    for use in dangling(existing, "ServiceAccount"):
        fix = did_you_mean(use.name, existing.near("ServiceAccount", use.namespace)) or "declare it, or leave the field out"
        yield Problem(use.at, f"{use.object.ref} runs as {use}, which nothing brings", fix)
