"""What each environment runs, component by component: versions, images, replicas, and what they ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from gitops_validate.model.render import HelmRelease, Render, Rendered, RenderedObject
from gitops_validate.model.requests import Requests
from gitops_validate.model.server import ApiServer
from gitops_validate.parity.leaves import VERSIONS
from gitops_validate.parity.own import Own
from gitops_validate.workloads.inventory import images
from gitops_validate.workloads.requests import requests, running

_REVISION = re.compile(r"\+[0-9a-f]{12}(\.[0-9]+)?$")
"""What source-controller adds to the version of a chart: where it came from."""


class Cell(Struct, frozen=True):
    """A component in one environment."""

    chart: str = ""
    """The chart's name, "" where a Kustomization applies the component itself."""
    version: str = ""
    images: tuple[str, ...] = ()
    replicas: int = 0
    per_node: int = 0
    """Pods that run on every node."""
    requests: Requests = field(default_factory=Requests)
    rendered: bool = True
    """Whether it could be rendered; otherwise nothing but its version is known."""

    @property
    def shown(self) -> bool:
        """Whether there is anything to tell: a chart, or something that runs or asks for a volume."""
        return bool(self.chart or self.images or self.replicas or self.per_node or self.requests != Requests())


class Component(Struct, frozen=True):
    """A release, or what a Kustomization runs itself; `cells` are by environment, without those that do not have it."""

    name: str
    kind: str
    namespace: str
    cells: Mapping[str, Cell]


class Matrix(Struct, frozen=True):
    """Components by environments, and the sum of each environment."""

    environments: Mapping[str, ApiServer]
    """Each with the API server of its cluster."""
    components: tuple[Component, ...]
    totals: Mapping[str, Cell]


def matrix(rendered: Sequence[Rendered]) -> Matrix:
    """Everything that environments run, in their order; components by name."""
    found: dict[tuple[str, str, str], dict[str, Cell]] = {}
    for each in rendered:
        own = Own(each.environment)
        for render in each.renders:
            ref, cell = render.reconciler.ref, _cell(render, each)
            if cell.shown:
                found.setdefault((own.text(ref.name), own.text(ref.namespace), ref.kind), {})[each.environment.name] = cell
    components = tuple(Component(name, kind, namespace, cells) for (name, namespace, kind), cells in sorted(found.items()))
    servers = {each.environment.name: each.environment.server for each in rendered}
    return Matrix(
        servers, components, {name: _total(component.cells[name] for component in components if name in component.cells) for name in servers}
    )


def _cell(render: Render, rendered: Rendered) -> Cell:
    release = isinstance(render.reconciler, HelmRelease)
    used = tuple(sorted({use.image for use in images([Rendered(rendered.environment, (render,))])}))
    name, version = _chart(render, rendered) if release else ("", "")
    replicas, per_node = running(render.objects)
    return Cell(name, version, used, replicas, per_node, requests(render.objects), not (render.failure or render.incomplete))


def _chart(render: Render, rendered: Rendered) -> tuple[str, str]:
    """The chart that was rendered, or else the one that is asked for."""
    if render.chart:
        name, version, _ = render.chart.split("@", 2)
        return name, _REVISION.sub("", version)
    source = rendered.by_kind.get(render.source) if render.source else None
    asked = [thing for thing in (render.reconciler.object, source) if thing]
    return render.reconciler.ref.name, next((version for thing in asked if (version := _version(thing))), "")


def _version(thing: RenderedObject) -> str:
    found = (thing.get(*route) for route in VERSIONS.get((thing.ref.group, thing.ref.kind), ()))
    return next((version for version in found if isinstance(version, str)), "")


def _total(cells: Iterable[Cell]) -> Cell:
    every = list(cells)
    used = tuple(sorted({image for cell in every for image in cell.images}))
    asked = sum((cell.requests for cell in every), Requests())
    return Cell(
        images=used,
        replicas=sum(cell.replicas for cell in every),
        per_node=sum(cell.per_node for cell in every),
        requests=asked,
        rendered=all(cell.rendered for cell in every),
    )
