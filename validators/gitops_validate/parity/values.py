"""The values of a release, merged as helm-controller merges them: what they differ in is told once, and not in each object of the chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_validate.building import link
from gitops_validate.building.link import Reference
from gitops_validate.model.render import HelmRelease, Rendered
from gitops_validate.placing.patch import Texts


def merged(release: HelmRelease, rendered: Rendered, texts: Texts) -> dict[str, Any]:
    """The values that the ConfigMaps of a release and its own spec hold. What comes from Secrets is left out."""
    values: dict[str, Any] = {}
    for reference, text in _held(release, rendered):
        if reference.target:
            values = _over(values, _nested(reference.target, text))
        else:
            values = _over(values, *(data for _, data in texts.parse(text)[:1] if isinstance(data, dict)))
    inline = release.spec.get("values")
    return _over(values, inline if isinstance(inline, dict) else {})


def carriers(rendered: Rendered) -> set[tuple[str, str, str]]:
    """The keys of ConfigMaps that values of releases stand in, as namespace, name and key."""
    releases = (render.reconciler for render in rendered.renders if isinstance(render.reconciler, HelmRelease))
    return {(reference.namespace, reference.name, reference.key or "values.yaml") for each in releases for reference, _ in _held(each, rendered)}


def _held(release: HelmRelease, rendered: Rendered) -> Iterator[tuple[Reference, str]]:
    for reference in link.inputs(release):
        found = rendered.by_kind.get(reference.identity) if reference.kind == "ConfigMap" else None
        text = found.get("data", reference.key or "values.yaml") if found and not found.encrypted else None
        if isinstance(text, str):
            yield reference, text


def _over(values: dict[str, Any], *others: Mapping[str, Any]) -> dict[str, Any]:
    """Maps are merged, anything else is replaced."""
    for other in others:
        both = {key: _over(values[key], below) for key, below in other.items() if isinstance(values.get(key), dict) and isinstance(below, dict)}
        values = {**values, **other, **both}
    return values


def _nested(target: str, value: str) -> dict[str, Any]:
    """A single value under the keys of its targetPath."""
    *above, last = target.split(".")
    found: dict[str, Any] = {last: value}
    for step in reversed(above):
        found = {step: found}
    return found
