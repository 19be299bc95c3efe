from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.wants import dangling
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def dangling_priority_class(existing: Existing) -> Problems:
    """A pod of a PriorityClass that does not exist.

    The API server refuses to create the pod ("no PriorityClass with name … was found"). A repository that brings no PriorityClass itself leaves
    them to somebody else.

    **Avoid**

    ```yaml clusters/dev/api.yaml
    apiVersion: scheduling.k8s.io/v1
    kind: PriorityClass
    metadata:
      name: serving
    value: 1000
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: api
      namespace: default
    spec:
      selector:
        matchLabels:
          app: api
      template:
        metadata:
          labels:
            app: api
        spec:
          priorityClassName: servng # finding
          containers:
            - name: api
              image: registry.example/api:1.4.0
    ```

    **Prefer**

    ```yaml clusters/dev/api.yaml
    apiVersion: scheduling.k8s.io/v1
    kind: PriorityClass
    metadata:
      name: serving
    value: 1000
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: api
      namespace: default
    spec:
      selector:
        matchLabels:
          app: api
      template:
        metadata:
          labels:
            app: api
        spec:
          priorityClassName: serving
          containers:
            - name: api
              image: registry.example/api:1.4.0
    ```
    """
    for use in dangling(existing, "PriorityClass") if existing.brings("PriorityClass") else ():
        if not use.name.startswith("system-"):
            fix = did_you_mean(use.name, existing.near("PriorityClass", "")) or "declare it, or leave the field out"
            yield Problem(use.at, f"{use.object.ref} is of the PriorityClass {use.name}, which nothing brings", fix)
