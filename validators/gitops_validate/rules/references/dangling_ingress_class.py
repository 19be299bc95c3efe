from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.wants import dangling
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def dangling_ingress_class(existing: Existing) -> Problems:
    """An Ingress of an IngressClass that does not exist.

    No controller serves the Ingress: its hosts lead nowhere, and nothing says so. A repository that brings no IngressClass itself leaves them to
    somebody else.

    **Avoid**

    ```yaml clusters/dev/api.yaml
    apiVersion: networking.k8s.io/v1
    kind: IngressClass
    metadata:
      name: internal
    spec:
      controller: ingress.example/controller
    ---
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata:
      name: api
      namespace: default
    spec:
      ingressClassName: intern # finding
      rules:
        - host: api.example
    ```

    **Prefer**

    ```yaml clusters/dev/api.yaml
    apiVersion: networking.k8s.io/v1
    kind: IngressClass
    metadata:
      name: internal
    spec:
      controller: ingress.example/controller
    ---
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata:
      name: api
      namespace: default
    spec:
      ingressClassName: internal
      rules:
        - host: api.example
    ```
    """
    for use in dangling(existing, "IngressClass") if existing.brings("IngressClass") else ():
        fix = did_you_mean(use.name, existing.near("IngressClass", "")) or "declare it, or name one that exists"
        yield Problem(use.at, f"{use.object.ref} is of the IngressClass {use.name}, which nothing brings", fix)
