from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from gitops_validate.existing import Existing
from gitops_validate.existing.grants import ROUTES, is_granted
from gitops_validate.existing.loose import dig, entries, mapping, text
from gitops_validate.existing.services import has_port, ports
from gitops_validate.existing.uses import GATEWAY
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.near import did_you_mean
from gitops_validate.placing.routes import Route
from gitops_validate.rule import Problems, rule

Backend: TypeAlias = tuple[RenderedObject, Route, str, dict[str, Any]]


@rule(Severity.ERROR)
def dangling_backend(existing: Existing) -> Problems:
    """A route or an Ingress to a Service, or a port of one, that does not exist.

    Requests are answered with 500 or 503, although route and gateway look healthy. The port is the Service's own, not the container's, and a Service
    in another namespace has to be permitted by a ReferenceGrant there.

    **Avoid**

    ```yaml clusters/dev/api.yaml
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
          containers:
            - name: api
              image: registry.example/api:1.4.0
              ports:
                - name: http
                  containerPort: 8080
    ---
    apiVersion: v1
    kind: Service
    metadata:
      name: api
      namespace: default
    spec:
      selector:
        app: api
      ports:
        - name: http
          port: 80
          targetPort: http
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata:
      name: public
      namespace: default
    spec:
      gatewayClassName: public
      listeners:
        - name: web
          port: 80
          protocol: HTTP
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: api
      namespace: default
    spec:
      parentRefs:
        - name: public
      rules:
        - backendRefs:
            - name: api
              port: 8080 # finding
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: other
      namespace: default
    spec:
      parentRefs:
        - name: public
      rules:
        - backendRefs:
            - name: apii # finding
              port: 80
    ```

    **Prefer**

    ```yaml clusters/dev/api.yaml
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
          containers:
            - name: api
              image: registry.example/api:1.4.0
              ports:
                - name: http
                  containerPort: 8080
    ---
    apiVersion: v1
    kind: Service
    metadata:
      name: api
      namespace: default
    spec:
      selector:
        app: api
      ports:
        - name: http
          port: 80
          targetPort: http
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata:
      name: public
      namespace: default
    spec:
      gatewayClassName: public
      listeners:
        - name: web
          port: 80
          protocol: HTTP
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: api
      namespace: default
    spec:
      parentRefs:
        - name: public
      rules:
        - backendRefs:
            - name: api
              port: 80
    ```
    """
    for owner, route, namespace, holder in _backends(existing):
        name, port = text(holder.get("name")), holder.get("port")
        service = existing.object("Service", namespace, name)
        if service is None and name and existing.lacks("Service", namespace, name):
            message = f"{owner.ref} sends to Service/{namespace}/{name}, which nothing brings"
            yield Problem(owner.at(*route, "name"), message, did_you_mean(name, existing.near("Service", namespace)))
        elif service is not None and service.get("spec", "type") != "ExternalName" and not has_port(service, port):
            message = f"{owner.ref} sends to port {_said(port)} of {service.ref}, which has {ports(service)}"
            said = [key for key in ("number", "name") if key in mapping(dig(owner.data, *route, "port"))]
            yield Problem(owner.at(*route, "port", *said[:1]), message, "name a port of the Service")
        elif service is not None and namespace != owner.ref.namespace and not is_granted(existing, owner, "Service", namespace, name):
            message = f"{owner.ref} sends to {service.ref} in another namespace, which no ReferenceGrant there permits"
            yield Problem(owner.at(*route, "name"), message, f"add a ReferenceGrant to {namespace} for {owner.ref.kind} of {owner.ref.namespace}")


def _backends(existing: Existing) -> Iterator[Backend]:
    """What routes and Ingresses send to: the owner, the route to a reference, its namespace, and its name and port."""
    for owner in existing.objects:
        if owner.ref.group == GATEWAY and owner.ref.kind in ROUTES:
            for route, listed in entries(owner.data, "spec", "rules"):
                yield from _of_rule(owner, route, listed)
        elif (owner.ref.group, owner.ref.kind) == ("networking.k8s.io", "Ingress"):
            yield from _of_ingress(owner)


def _of_rule(owner: RenderedObject, route: Route, listed: dict[str, Any]) -> Iterator[Backend]:
    mirrored = [
        ((*inner, "requestMirror", "backendRef"), mapping(dig(each, "requestMirror", "backendRef"))) for inner, each in entries(listed, "filters")
    ]
    for inner, reference in (*entries(listed, "backendRefs"), *(each for each in mirrored if each[1])):
        if text(reference.get("group")) == "" and reference.get("kind", "Service") == "Service":
            yield owner, (*route, *inner), text(reference.get("namespace")) or owner.ref.namespace or "default", reference


def _of_ingress(owner: RenderedObject) -> Iterator[Backend]:
    ways: list[Route] = [("spec", "defaultBackend", "service")]
    for route, host in entries(owner.data, "spec", "rules"):
        ways += [(*route, *inner, "backend", "service") for inner, _ in entries(host, "http", "paths")]
    for way in ways:
        service = mapping(dig(owner.data, *way))
        port = mapping(service.get("port"))
        yield owner, way, owner.ref.namespace or "default", {"name": service.get("name"), "port": port.get("number") or port.get("name")}


def _said(port: Any) -> str:
    return repr(port) if isinstance(port, str) else str(port)
