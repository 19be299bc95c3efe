"""The versions that an environment names, each with where it does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitops_validate.existing.loose import text
from gitops_validate.model.outline import Version
from gitops_validate.model.render import HelmRelease, InObject, Render, Rendered, RenderedObject
from gitops_validate.parity.leaves import VERSIONS, image_name
from gitops_validate.parity.own import Own
from gitops_validate.workloads.inventory import running

_VERSION = re.compile(r"v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(.*)")


def versions(rendered: Rendered, own: Own) -> Iterator[tuple[Version, InObject]]:
    """Every version of a chart or a source, and of the images that run. Those of a chart's images count where the chart is the same."""
    for render in rendered.renders:
        for thing in render.objects:
            for route in VERSIONS.get((thing.ref.group, thing.ref.kind), ()):
                if said := text(thing.get(*route)):
                    yield Version(own.text(str(thing.ref)), _what(thing), said), InObject(thing, route)
            yield from _images(render, thing, own)


def _what(thing: RenderedObject) -> str:
    """What a version is one of: the chart, or what the source is fetched from."""
    if thing.ref.kind == "HelmRelease":
        return text(thing.get("spec", "chart", "spec", "chart"))
    return text(thing.get("spec", "url")).rpartition("/")[2] or thing.ref.kind


def _images(render: Render, thing: RenderedObject, own: Own) -> Iterator[tuple[Version, InObject]]:
    chart = f" with {render.chart.rpartition('@')[0]}" if isinstance(render.reconciler, HelmRelease) else ""
    for route, image in running(thing):
        name = image_name(image)
        if image != name:
            tag = image[len(name) + 1 :].partition("@")[0] if image[len(name)] == ":" else ""
            yield Version(own.text(str(render.reconciler.ref)) + chart, name, tag), InObject(thing, route)


def ahead(version: str, other: str) -> bool:
    """Whether a version is certainly newer than another: the same in what follows the numbers, and higher in these."""
    one, two = _VERSION.fullmatch(version), _VERSION.fullmatch(other)
    if not one or not two or one[4] != two[4]:
        return False
    return [int(part or 0) for part in one.groups()[:3]] > [int(part or 0) for part in two.groups()[:3]]
