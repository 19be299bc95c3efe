from __future__ import annotations

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import dig, entries, labels, mapping, text
from gitops_validate.existing.pods import Pods
from gitops_validate.existing.selecting import pods
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.near import did_you_mean
from gitops_validate.rule import Problems, rule

PROBES = tuple((probe, way) for probe in ("livenessProbe", "readinessProbe", "startupProbe") for way in ("httpGet", "tcpSocket"))


@rule(Severity.ERROR)
def unknown_port(existing: Existing) -> Problems:
    """A probe or a Service by the name of a port that no container has.

    The kubelet counts a probe of an unknown port as failed: the pod never becomes ready, or is killed again and again. A Service whose targetPort
    no selected pod names has no endpoints.

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
              readinessProbe:
                httpGet:
                  path: /ready
                  port: htp # finding
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
          targetPort: web # finding
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
              readinessProbe:
                httpGet:
                  path: /ready
                  port: http
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
    ```
    """
    for each in existing.workloads:
        yield from _of_probes(each)
    for service in existing.of("Service"):
        yield from _of_service(service, existing)
    for policy in existing.of("NetworkPolicy", "networking.k8s.io"):
        yield from _of_policy(policy, existing)


def _of_probes(found: Pods) -> Problems:
    for route, container in found.containers():
        names = {text(port.get("name")) for _, port in entries(container, "ports")}
        for way in PROBES:
            name = text(dig(container, *way, "port"))
            if name and not name.isdigit() and name not in names:
                at = found.object.at(*found.route, *route, *way, "port")
                message = f"{found.object.ref} probes the port {name!r}, which the container {text(container.get('name'))} does not have"
                yield Problem(at, message, did_you_mean(name, names - {""}))


def _of_service(service: RenderedObject, existing: Existing) -> Problems:
    wanted = labels(service.get("spec", "selector"))
    selected = list(pods(existing, [service.ref.namespace or "default"], {"matchLabels": wanted})) if wanted else []
    names = {name for each in selected for name, _, _ in each.ports()}
    for route, port in entries(service.data, "spec", "ports") if selected else ():
        name = text(port.get("targetPort"))
        if name and not name.isdigit() and name not in names:
            message = f"{service.ref} sends to the port {name!r}, which none of the pods that it selects has"
            yield Problem(service.at(*route, "targetPort"), message, did_you_mean(name, names - {""}))


def _of_policy(policy: RenderedObject, existing: Existing) -> Problems:
    """The named ports of the pods that a policy selects, which it lets others in by; those that it lets them out to are of other pods."""
    selected = list(pods(existing, [policy.ref.namespace or "default"], mapping(policy.get("spec", "podSelector"))))
    names = {name for each in selected for name, _, _ in each.ports()}
    for route, way in entries(policy.data, "spec", "ingress") if selected else ():
        for inner, port in entries(way, "ports"):
            name = text(port.get("port"))
            if name and not name.isdigit() and name not in names:
                message = f"{policy.ref} lets others in by the port {name!r}, which none of the pods that it selects has"
                yield Problem(policy.at(*route, *inner, "port"), message, did_you_mean(name, names - {""}))
