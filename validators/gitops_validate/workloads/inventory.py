"""What environments run, read off what was rendered: images, charts, and who reconciles whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from gitops_validate.building import link
from gitops_validate.model.graph import Node
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.render import HelmRelease, Render, Rendered, RenderedObject
from gitops_validate.placing.routes import Route

POD_SPECS: Mapping[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "Deployment": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "ReplicaSet": ("spec", "template", "spec"),
    "ReplicationController": ("spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
"""Where each kind of workload holds its pods."""
SECTIONS = ("initContainers", "containers", "ephemeralContainers")
"""The lists of containers that a pod has, those that run before the others first."""
OWN_FIELDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("postgresql.cnpg.io", "Cluster"): ("spec", "imageName"),
    ("monitoring.coreos.com", "Prometheus"): ("spec", "image"),
    ("monitoring.coreos.com", "Alertmanager"): ("spec", "image"),
    ("sparkoperator.k8s.io", "SparkApplication"): ("spec", "image"),
}
"""Fields in which custom kinds name the image that their controller runs."""


class Image(Struct, frozen=True, order=True):
    """An image, and an object that runs it."""

    environment: str
    image: str
    object: str


class ChartUse(Struct, frozen=True, order=True):
    """A chart, and the release that renders it."""

    environment: str
    release: str
    chart: str
    version: str
    digest: str
    source: str


def images(rendered: Iterable[Rendered]) -> list[Image]:
    """Every image that an environment runs, with each object that runs it; sorted."""
    found = ((each, thing, image) for each in rendered for thing in each.objects for _, image in running(thing))
    return sorted({Image(each.environment.name, image, str(thing.ref)) for each, thing, image in found})


def running(thing: RenderedObject) -> Iterator[tuple[Route, str]]:
    """The images that an object names, each with the route to it."""
    own = OWN_FIELDS.get((thing.ref.group, thing.ref.kind))
    spots: list[Route] = [own] if own else []
    spots += [(*route, "image") for route, _ in containers(thing)]
    for spot in spots:
        if isinstance(image := thing.get(*spot), str) and image:
            yield spot, image


def containers(thing: RenderedObject) -> Iterator[tuple[Route, dict[str, Any]]]:
    """The containers of an object's pods, each with the route to it; none of what has no pods."""
    pods = POD_SPECS.get(thing.ref.kind, ())
    for section in SECTIONS if pods else ():
        listed = thing.get(*pods, section)
        for index, container in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(container, dict):
                yield (*pods, section, index), container


def charts(rendered: Iterable[Rendered]) -> list[ChartUse]:
    """Every chart that an environment renders; sorted."""
    return sorted(
        ChartUse(each.environment.name, str(render.reconciler.ref), *_chart(render), str(render.source or ""))
        for each in rendered
        for render in each.renders
        if isinstance(render.reconciler, HelmRelease)
    )


def _chart(render: Render) -> tuple[str, str, str]:
    name, version, digest = [*render.chart.split("@", 2), "", "", ""][:3]
    return name, version, digest


def graph(rendered: Iterable[Rendered]) -> list[Node]:
    """Every reconciler, those that come first before those that wait for them."""
    return [_node(render) for each in rendered for render in _ordered(each)]


def _node(render: Render) -> Node:
    reconciler = render.reconciler
    declared_by = str(reconciler.object.reconciler) if reconciler.object else ""
    state = "failed" if render.failure else "incomplete" if render.incomplete else "suspended" if reconciler.suspended else "ok"
    source = render.source or link.source(reconciler)
    depends_on = tuple(sorted(map(str, reconciler.depends_on)))
    own = "" if declared_by == str(reconciler.ref) else declared_by
    return Node(reconciler.environment, reconciler.ref, own, depends_on, str(source or ""), len(render.objects), state)


def _ordered(environment: Rendered) -> list[Render]:
    """Sorted by how many steps come before; a cycle ends at the number of reconcilers."""
    depth: dict[ReconcilerRef, int] = dict.fromkeys(environment.reconcilers, 0)
    for _ in range(min(len(depth), 100)):
        before = dict(depth)
        for ref, render in environment.reconcilers.items():
            held = [render.reconciler.object.reconciler] if render.reconciler.object else []
            above = [depth[other] for other in (*held, *render.reconciler.depends_on) if other in depth and other != ref]
            depth[ref] = max(above, default=-1) + 1
        if depth == before:
            break
    return sorted(environment.renders, key=lambda render: (depth[render.reconciler.ref], render.reconciler.ref))
