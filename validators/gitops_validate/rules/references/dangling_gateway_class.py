from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.wants import dangling
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule


@rule(Severity.WARNING)
def dangling_gateway_class(existing: Existing) -> Problems:
    """A Gateway of a GatewayClass that does not exist.

    No controller takes the Gateway: it never gets an address, and the routes that are attached to it lead nowhere. A repository that brings no
    GatewayClass itself leaves them to somebody else.

    **Avoid**

    ```yaml clusters/dev/gateway.yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: GatewayClass
    metadata:
      name: internal
    spec:
      controllerName: gateway.example/controller
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata:
      name: public
      namespace: default
    spec:
      gatewayClassName: intern # finding
      listeners:
        - name: http
          port: 80
          protocol: HTTP
    ```

    **Prefer**

    ```yaml clusters/dev/gateway.yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: GatewayClass
    metadata:
      name: internal
    spec:
      controllerName: gateway.example/controller
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata:
      name: public
      namespace: default
    spec:
      gatewayClassName: internal
      listeners:
        - name: http
          port: 80
          protocol: HTTP
    ```
    """
    for use in dangling(existing, "GatewayClass") if existing.brings("GatewayClass") else ():
        fix = did_you_mean(use.name, existing.near("GatewayClass", "")) or "declare it, or name one that exists"
        yield Problem(use.at, f"{use.object.ref} is of the GatewayClass {use.name}, which nothing brings", fix)
