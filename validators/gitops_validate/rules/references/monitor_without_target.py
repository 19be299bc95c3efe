from __future__ import annotations

from typing import TypeAlias

from gitops_validate.existing import Existing
from gitops_validate.existing.loose import entries, labels, mapping, text
from gitops_validate.existing.selecting import is_foreign, matches, nearest
from gitops_validate.model.finding import Problem, Severity
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.near import did_you_mean
from gitops_validate.placing.routes import strings
from gitops_validate.rule import Problems, rule
from gitops_validate.workloads.inventory import POD_SPECS

Target: TypeAlias = tuple[dict[str, str], str, set[str]]
"""Labels, namespace, and names of ports of what may be scraped."""


@rule(Severity.WARNING)
def monitor_without_target(existing: Existing) -> Problems:
    """A ServiceMonitor or PodMonitor that selects nothing, or a port that does not exist.

    Prometheus scrapes nothing and says nothing of it: dashboards stay empty, and alerts on the missing metrics never fire. A ServiceMonitor selects
    Services by their own labels, and its ports are those of the Service, not of the container.

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
      labels:
        app: api
    spec:
      selector:
        app: api
      ports:
        - name: http
          port: 80
          targetPort: http
    ---
    apiVersion: monitoring.coreos.com/v1
    kind: ServiceMonitor
    metadata:
      name: api
      namespace: default
    spec:
      selector:
        matchLabels:
          app: api
      endpoints:
        - port: metrics # finding
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
      labels:
        app: api
    spec:
      selector:
        app: api
      ports:
        - name: http
          port: 80
          targetPort: http
    ---
    apiVersion: monitoring.coreos.com/v1
    kind: ServiceMonitor
    metadata:
      name: api
      namespace: default
    spec:
      selector:
        matchLabels:
          app: api
      endpoints:
        - port: http
    ```
    """
    for monitor in existing.of("ServiceMonitor", "monitoring.coreos.com"):
        services = [
            (labels(each.get("metadata", "labels")), each.ref.namespace or "default", _service_ports(each)) for each in existing.of("Service")
        ]
        yield from _judge(existing, monitor, "endpoints", services)
    for monitor in existing.of("PodMonitor", "monitoring.coreos.com"):
        targets = [(each.labels, each.namespace, {name for name, _, _ in each.ports()}) for each in existing.workloads]
        yield from _judge(existing, monitor, "podMetricsEndpoints", targets)


def _judge(existing: Existing, monitor: RenderedObject, field: str, targets: list[Target]) -> Problems:
    selector = mapping(monitor.get("spec", "selector"))
    namespaces = _namespaces(monitor, existing)
    there = [target for target in targets if target[1] in namespaces]
    selected = [ports for own, _, ports in there if matches(selector, own)]
    if not selected:
        if not is_foreign(existing, namespaces, selector, [own for own, _, _ in there]):
            hint = nearest(selector, (own for own, _, _ in there))
            yield Problem(monitor.at("spec", "selector"), f"{monitor.ref} selects nothing in {', '.join(namespaces[:3])}", hint)
        return
    if any(existing.is_open(namespace) or existing.is_run(namespace) for namespace in namespaces):
        return
    known = set[str]().union(*selected)
    for route, endpoint in entries(monitor.data, "spec", field):
        port = text(endpoint.get("port"))
        if port and port not in known:
            yield Problem(
                monitor.at(*route, "port"), f"{monitor.ref} scrapes the port {port!r}, which nothing that it selects has", _hint(port, known)
            )


def _hint(port: str, known: set[str]) -> str:
    names = sorted(known - {""})
    return did_you_mean(port, names) or (f"there are {', '.join(names[:5])}" if names else "")


def _namespaces(monitor: RenderedObject, existing: Existing) -> list[str]:
    chosen = mapping(monitor.get("spec", "namespaceSelector"))
    if chosen.get("any") is True:
        return sorted({each.ref.namespace or "default" for each in existing.objects if each.ref.kind == "Service" or each.ref.kind in POD_SPECS})
    return list(strings(chosen.get("matchNames"))) or [monitor.ref.namespace or "default"]


def _service_ports(service: RenderedObject) -> set[str]:
    return {text(port.get("name")) for _, port in entries(service.data, "spec", "ports")}
