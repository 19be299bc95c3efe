"""What flux-operator changes in Flux as it installs it: alerts and receivers may name its own kinds, too, which no release of Flux has in its definitions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import orjson

from gitops_validate.building import link
from gitops_validate.keeping.cache import digest
from gitops_validate.model.render import Rendered, RenderedObject
from gitops_validate.schemas import bundle

OWN = ("FluxInstance", "ResourceSet", "ResourceSetInputProvider")
CHART = "flux-instance"
"""The chart that makes an instance, and what its release is called as a rule."""
GROUP = "notification.toolkit.fluxcd.io"
FIELDS = {"Alert": "eventSources", "Receiver": "resources"}
"""The lists of each kind whose items name a kind."""


def watched(rendered: Rendered) -> dict[tuple[str, str], tuple[str, bytes]]:
    """The definitions, as digest and body by group and kind, that flux-operator brings where it installs Flux; none elsewhere."""
    return _extended() if any(map(_is_operated, rendered.objects)) else {}


def _is_operated(thing: RenderedObject) -> bool:
    """Whether an object is an instance of Flux, or the release that makes one."""
    if thing.ref.kind == "FluxInstance":
        return thing.ref.group == link.OPERATOR
    return thing.ref.kind == "HelmRelease" and (thing.ref.name == CHART or thing.get("spec", "chart", "spec", "chart") == CHART)


@cache
def _extended() -> dict[tuple[str, str], tuple[str, bytes]]:
    return {(GROUP, kind): (digest(body), body) for kind, body in _bodies()}


def _bodies() -> Iterator[tuple[str, bytes]]:
    for kind, field in FIELDS.items():
        definition = orjson.loads((bundle() / GROUP / f"{kind.lower()}.json").read_bytes())
        for version in definition["spec"]["versions"]:
            spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
            spec[field]["items"]["properties"]["kind"]["enum"] += OWN
        yield kind, orjson.dumps(definition)
