"""The pods that objects describe: workloads of Kubernetes and bare pods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from gitops_validate.existing.loose import entries, labels, mapping, text
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.routes import Route
from gitops_validate.workloads.inventory import POD_SPECS

GROUPS = frozenset({"", "apps", "batch"})
"""The API groups that kinds of workloads are in; others may have kinds of the same names."""
CONTAINERS = ("initContainers", "containers")


class Pods(Struct, frozen=True):
    """The pods of one object. `route` leads to their spec."""

    object: RenderedObject
    route: Route
    labels: dict[str, str]
    spec: dict[str, Any]

    @property
    def namespace(self) -> str:
        """Where they run."""
        return self.object.ref.namespace or "default"

    def containers(self) -> Iterator[tuple[Route, dict[str, Any]]]:
        """Each container, those that run first included, with its route from the spec."""
        for section in CONTAINERS:
            yield from entries(self.spec, section)

    def ports(self) -> Iterator[tuple[str, int, str]]:
        """Name, number and protocol of each port that a container names."""
        for _, container in self.containers():
            for _, port in entries(container, "ports"):
                number = port.get("containerPort")
                yield text(port.get("name")), number if isinstance(number, int) else 0, text(port.get("protocol")) or "TCP"


def pods_of(rendered: RenderedObject) -> Pods | None:
    """The pods that an object describes, if it is a workload."""
    route = POD_SPECS.get(rendered.ref.kind)
    if route is None or rendered.ref.group not in GROUPS:
        return None
    spec = rendered.get(*route)
    if not isinstance(spec, dict):
        return None
    metadata = mapping(rendered.get(*route[:-1], "metadata"))
    return Pods(rendered, route, labels(metadata.get("labels")), spec)
