"""Images that move, and versions wherever they are named."""

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
BREAKING = frozenset({"major", "early", "back", "other"})
"""Steps after which something may work no more, or nobody knows."""
_NUMBERS = re.compile(r"v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?")


def images(change: Change, _where: Where) -> Iterator[Impact]:
    """Images that another version takes the place of, and those of a workload that is new."""
    before, after = _images(change.before), _images(change.after)
    for image in dict.fromkeys(filter(None, after.values())) if change.action == "added" else ():
        yield Impact(Level.ROUTINE, "image", f"runs {image}")
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
            yield source(path, before[path], after[path])


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
        return Impact(Level.CAREFUL, "image", f"image {one}{':' * bool(tag)}{tag} is no longer pinned by its digest")
    if tag == new_tag and new_digest and not digest:
        return Impact(Level.ROUTINE, "image", f"image {one}{':' * bool(tag)}{tag} is pinned by its digest")
    jump = step(tag, new_tag)
    level = Level.CAREFUL if jump in BREAKING else Level.ROUTINE
    shown = f"{tag or digest[:19] or 'no tag'} to {new_tag or new_digest[:19] or 'no tag'}" if tag != new_tag else f"{tag}, another digest"
    return Impact(level, "image", f"image {one}: {shown}{said(jump) if tag != new_tag else ''}")


def _parts(image: str) -> tuple[str, str, str]:
    """Repository, tag and digest."""
    name, _, digest = image.partition("@")
    repository, colon, tag = name.rpartition(":")
    return (repository, tag, digest) if colon and "/" not in tag else (name, "", digest)


def step(old: str, new: str) -> str:
    """How far a version moves: `major`, `minor`, `early` for a minor before 1.0, `patch`, `back`, `none`, or `other` where that cannot be told."""
    one, other = _NUMBERS.match(old), _NUMBERS.match(new)
    if old == new:
        return "none"
    if not one or not other:
        return "other"
    before, after = ([int(part or 0) for part in found.groups()] for found in (one, other))
    if after < before:
        return "back"
    words = ("major", "minor" if before[0] else "early", "patch")  # before 1.0, Semantic Versioning promises nothing of a minor version
    return next((word for word, was, is_ in zip(words, before, after, strict=True) if was != is_), "patch")


def said(jump: str) -> str:
    """How far a version moves, in words behind it."""
    return {"back": " (a step back)", "early": " (minor, before 1.0)", "other": "", "none": ""}.get(jump, f" ({jump})")


def source(key: str, old: str, new: str) -> Impact:
    """A version that moves, or what something follows; `key` is what it is called."""
    jump = "other" if key in ("branch", "commit", "name", "digest") else step(old, new)
    level = Level.CAREFUL if jump in BREAKING else Level.ROUTINE
    return Impact(level, "version", f"{key} {old} to {new}{said(jump)}")


TELLING = (images, named_elsewhere)
