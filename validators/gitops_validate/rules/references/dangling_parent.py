from __future__ import annotations

from typing import Any

from gitops_validate.existing import Existing
from gitops_validate.existing.grants import ROUTES, takes
from gitops_validate.existing.loose import entries, text
from gitops_validate.existing.uses import GATEWAY
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.near import did_you_mean
from gitops_validate.placing.routes import Route
from gitops_validate.review.held import PLACEHOLDER
from gitops_validate.rule import Problems, rule


@rule(Severity.ERROR)
def dangling_parent(existing: Existing) -> Problems:
    """A route attached to a Gateway, or to a listener of one, that does not exist or does not take it.

    Nothing serves the route: its hosts are answered with 404, if at all. A parent without a namespace is looked for in the route's own; a listener
    takes routes from the Gateway's namespace only, unless its allowedRoutes say otherwise. Gateways in namespaces that the repository does not fill
    are somebody else's.

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
          sectionName: https # finding
      rules:
        - backendRefs:
            - name: api
              port: 80
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: other
      namespace: default
    spec:
      parentRefs:
        - name: publik # finding
      rules:
        - backendRefs:
            - name: api
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
          sectionName: web
      rules:
        - backendRefs:
            - name: api
              port: 80
    ```
    """
    for owner in existing.objects:
        if owner.ref.group == GATEWAY and owner.ref.kind in ROUTES:
            for route, parent in entries(owner.data, "spec", "parentRefs"):
                if parent.get("kind", "Gateway") == "Gateway" and parent.get("group", GATEWAY) == GATEWAY:
                    yield from _judge(existing, owner, route, parent)
            yield from _hosts(existing, owner)


def _hosts(existing: Existing, owner: RenderedObject) -> Problems:
    """The hosts of a route that no listener which it is attached to has; where one of its parents is not known, nobody can tell."""
    parents = [parent for _, parent in entries(owner.data, "spec", "parentRefs")]
    listening = [each for parent in parents for each in (_attached(existing, owner, parent) or [""])]
    hosts = owner.get("spec", "hostnames")
    for index, host in enumerate(hosts if isinstance(hosts, list) and listening and all(listening) else ()):
        if not any(_meet(str(host), other) or PLACEHOLDER in (*str(host).split("."), *other.split(".")) for other in listening):
            message = f"{owner.ref} is for {host}, and the listeners that it is attached to are for {', '.join(sorted(set(listening))[:5])}"
            yield Problem(owner.at("spec", "hostnames", index), message, "name a host of theirs, or give the Gateway a listener for it")


def _attached(existing: Existing, owner: RenderedObject, parent: dict[str, Any]) -> list[str]:
    """The hosts of the listeners that a route is attached to, "" for one that takes all."""
    namespace = text(parent.get("namespace")) or owner.ref.namespace or "default"
    gateway = existing.object("Gateway", namespace, text(parent.get("name"))) if parent.get("kind", "Gateway") == "Gateway" else None
    listeners = [listener for _, listener in entries(gateway.data, "spec", "listeners")] if gateway else []
    section, port = text(parent.get("sectionName")), parent.get("port")
    return [text(each.get("hostname")) for each in listeners if section in ("", each.get("name")) and port in (None, each.get("port"))]


def _meet(host: str, other: str) -> bool:
    """Whether two hosts have one in common, where `*.` stands for any labels."""
    return host == other or any(wild.startswith("*.") and name.endswith(wild[1:]) for wild, name in ((host, other), (other, host)))


def _judge(existing: Existing, owner: RenderedObject, route: Route, parent: dict[str, Any]) -> Problems:
    name, own = text(parent.get("name")), owner.ref.namespace or "default"
    namespace = text(parent.get("namespace")) or own
    gateway = existing.object("Gateway", namespace, name)
    if gateway is None:
        if name and existing.lacks("Gateway", namespace, name):
            elsewhere = [where for where in existing.namespaces("Gateway") if existing.object("Gateway", where, name)]
            fix = f"add `namespace: {elsewhere[0]}`" if elsewhere else did_you_mean(name, existing.near("Gateway", namespace))
            yield Problem(owner.at(*route, "name"), f"{owner.ref} is attached to Gateway/{namespace}/{name}, which nothing brings", fix)
        return
    listeners = [listener for _, listener in entries(gateway.data, "spec", "listeners")]
    section, port = text(parent.get("sectionName")), parent.get("port")
    named = [each for each in listeners if not section or each.get("name") == section]
    chosen = [each for each in named if port is None or each.get("port") == port]
    if listeners and not chosen:
        yield _no_listener(owner, route, gateway, listeners, "" if named else section)
    elif chosen and not any(takes(existing, gateway, listener, own) for listener in chosen):
        message = f"{owner.ref} is attached to {gateway.ref}, which takes no routes from the namespace {own}"
        yield Problem(owner.at(*route, "name"), message, "let spec.listeners[].allowedRoutes.namespaces of the Gateway take them")


def _no_listener(owner: RenderedObject, route: Route, gateway: RenderedObject, listeners: list[dict[str, Any]], section: str) -> Problem:
    names = [text(each.get("name")) for each in listeners]
    if section:
        fix = did_you_mean(section, names) or f"there are {', '.join(names[:5])}"
        return Problem(
            owner.at(*route, "sectionName"), f"{owner.ref} is attached to the listener {section!r}, which {gateway.ref} does not have", fix
        )
    return Problem(owner.at(*route, "port"), f"{owner.ref} is attached to a port that {gateway.ref} does not listen on", "name one of its listeners")
