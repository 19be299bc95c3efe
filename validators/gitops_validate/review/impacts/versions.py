"""Images and charts that move."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.model.render import RenderedObject
from gitops_validate.review import named
from gitops_validate.review.where import Where
from gitops_validate.workloads.inventory import OWN_FIELDS, POD_SPECS
from gitops_validate.workloads.pods import containers, pod_spec

_SOURCES = ("OCIRepository", "GitRepository", "HelmRelease", "HelmRepository", "Kustomization")
"""Kinds whose versions are told as what they are."""
_NUMBERS = re.compile(r"v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?")


def images(change: Change, _where: Where) -> Iterator[Impact]:
    """Images that another version takes the place of."""
    before, after = _images(change.before), _images(change.after)
    for name in before.keys() & after.keys():
        if before[name] != after[name]:
            yield _moved(before[name], after[name])


def named_elsewhere(change: Change, _where: Where) -> Iterator[Impact]:
    """Images and versions in custom resources, whose controllers run them. Those in the values of a release its objects tell."""
    if change.before and change.after and change.ref.kind not in (*POD_SPECS, *_SOURCES, "CustomResourceDefinition"):
        yield from moved(change.before.get("spec"), change.after.get("spec"))


def moved(old: Any, new: Any) -> Iterator[Impact]:
    """What two values say of the same images, and the same versions."""
    before, after = named.images(old), named.images(new)
    for path in sorted(before.keys() & after.keys()):
        if before[path] != after[path] and any(any(_parts(image)[1:]) for image in (before[path], after[path])):
            yield _moved(before[path], after[path])
    before, after = named.versions(old), named.versions(new)
    for path in sorted(before.keys() & after.keys()):
        if step(before[path], after[path]) not in ("none", "other"):
            yield _source(path, before[path], after[path])


def overridden(old: Any, new: Any) -> Iterator[Impact]:
    """The images that only one of two versions of a release's values names, which leave the others to the chart."""
    before, after = named.images(old), named.images(new)
    for path in sorted(after.keys() - before.keys()):
        yield Impact(Level.CAREFUL, "image", f"its values name the image {after[path]}, which they did not")
    for path in sorted(before.keys() - after.keys()):
        yield Impact(Level.CAREFUL, "image", f"its values do not name the image {before[path]} any more")


def _images(thing: RenderedObject | None) -> Mapping[str, str]:
    found = {name: str(container.get("image", "")) for name, container in containers(pod_spec(thing)).items()}
    own = OWN_FIELDS.get((thing.ref.group, thing.ref.kind)) if thing else None
    named = thing.get(*own) if thing and own else None
    return {**found, "": named} if isinstance(named, str) else found


def _moved(old: str, new: str) -> Impact:
    (one, tag, digest), (other, new_tag, new_digest) = _parts(old), _parts(new)
    if one != other:
        same = ": the same content, by its digest" if digest and digest == new_digest else ""
        return Impact(Level.CAREFUL, "image", f"runs {new} instead of {old}{same}")
    if tag == new_tag and digest and not new_digest:
        return Impact(Level.CAREFUL, "image", f"image {one}:{tag} is no longer pinned by its digest")
    jump = step(tag, new_tag)
    level = Level.CAREFUL if jump in ("major", "back", "other") else Level.ROUTINE
    shown = f"{tag or digest[:19] or 'no tag'} to {new_tag or new_digest[:19] or 'no tag'}" if tag != new_tag else f"{tag}, another digest"
    return Impact(level, "image", f"image {one}: {shown}{_said(jump) if tag != new_tag else ''}")


def _parts(image: str) -> tuple[str, str, str]:
    """Repository, tag and digest."""
    name, _, digest = image.partition("@")
    repository, colon, tag = name.rpartition(":")
    return (repository, tag, digest) if colon and "/" not in tag else (name, "", digest)


def step(old: str, new: str) -> str:
    """How far a version moves: `major`, `minor`, `patch`, `back`, `none`, or `other` where that cannot be told."""
    one, other = _NUMBERS.match(old), _NUMBERS.match(new)
    if old == new:
        return "none"
    if not one or not other:
        return "other"
    before, after = ([int(part or 0) for part in found.groups()] for found in (one, other))
    if after < before:
        return "back"
    words = ("major", "minor", "patch")
    return next((word for word, was, is_ in zip(words, before, after, strict=True) if was != is_), "patch")


def _said(jump: str) -> str:
    return {"back": " (a step back)", "other": "", "none": ""}.get(jump, f" ({jump})")


def charts(change: Change, where: Where) -> Iterator[Impact]:
    """The chart of a release in another version."""
    if change.ref.kind != "HelmRelease" or not change.before or not change.after:
        return
    refs = [render.reconciler.ref for render in where.sides.after.rendered.renders if render.reconciler.object is change.after]
    for ref in refs:
        before, after = where.sides.before.reconcilers.get(ref), where.sides.after.reconcilers[ref]
        if before and before.chart and after.chart:
            yield from _chart(before.chart, after.chart)


def chart_sources(change: Change, where: Where) -> Iterator[Impact]:
    """A release whose chart comes from elsewhere."""
    if change.ref.kind != "HelmRelease" or change.action == "renamed" or not change.before or not change.after:
        return
    old, new = _chart_source(change.before), _chart_source(change.after)
    if old and new and old != new:
        same = _plain(where.chart(change.before)) == _plain(where.chart(change.after)) != ("", "", "")
        level = Level.ROUTINE if same else Level.CAREFUL
        yield Impact(level, "chart", f"takes its chart from {new} instead of {old}{': the same chart' if same else ''}")


def _chart_source(release: RenderedObject) -> str:
    """What a chart is taken from, in words; "" if the release does not say."""
    match release.get("spec"):
        case {"chartRef": {"kind": str(kind), "name": str(name), **rest}}:
            return f"{kind}/{rest.get('namespace') or release.ref.namespace}/{name}"
        case {"chart": {"spec": {"chart": str(chart), "sourceRef": {"kind": str(kind), "name": str(name), **rest}}}}:
            return f"{kind}/{rest.get('namespace') or release.ref.namespace}/{name}, where it is {chart}"
    return ""


def source_versions(change: Change, where: Where) -> Iterator[Impact]:
    """A source whose tag, version or branch is another, whether its chart is at hand or not."""
    if change.ref.kind not in ("OCIRepository", "GitRepository", "HelmRelease") or not change.before or not change.after:
        return
    route = ("spec", "chart", "spec", "version") if change.ref.kind == "HelmRelease" else ("spec", "ref")
    old, new = change.before.get(*route), change.after.get(*route)
    for key in sorted({*old, *new}) if isinstance(old, dict) and isinstance(new, dict) else ():
        if old.get(key) != new.get(key):
            yield _source(key, str(old.get(key, "none")), str(new.get(key, "none")))
    if isinstance(old, str) and isinstance(new, str) and old != new:
        rendered = tuple(_plain(where.chart(thing))[1] for thing in (change.before, change.after))
        if rendered != (old, new):  # which the chart itself tells
            yield _source("chart version", old, new)


def _plain(chart: str) -> tuple[str, str, str]:
    """The name, the version and the content of a chart; without what Flux adds to the version, which is what a tag named, or the commit."""
    name, version, digest = [*chart.split("@", 2), "", "", ""][:3]
    return name, version.partition("+")[0], digest


def _source(key: str, old: str, new: str) -> Impact:
    jump = "other" if key in ("branch", "commit", "name", "digest") else step(old, new)
    level = Level.CAREFUL if jump in ("major", "back", "other") else Level.ROUTINE
    return Impact(level, "version", f"{key} {old} to {new}{_said(jump)}")


def _chart(old: str, new: str) -> Iterator[Impact]:
    (name, version, digest), (other, newer, new_digest) = _plain(old), _plain(new)
    if name != other:
        yield Impact(Level.CAREFUL, "chart", f"chart {other} {newer} instead of {name} {version}")
    elif version != newer:
        jump = step(version, newer)
        level = Level.CAREFUL if jump in ("major", "back", "other") else Level.ROUTINE
        yield Impact(level, "chart", f"chart {name}: {version} to {newer}{_said(jump)}")
    elif digest != new_digest and old.count("+") == new.count("+"):
        follows = old.split("@", 2)[1] != new.split("@", 2)[1]  # the commit, as its release asks for
        level = Level.ROUTINE if follows else Level.CAREFUL
        yield Impact(level, "chart", f"chart {name} {version} has another content under the same version")


TELLING = (images, charts, chart_sources, source_versions, named_elsewhere)
