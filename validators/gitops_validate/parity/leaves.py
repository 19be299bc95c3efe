"""An object as its fields: each path with its value, without what differs by its nature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from gitops_validate.building import link
from gitops_validate.judging.hide import HIDDEN, LAST_APPLIED
from gitops_validate.model.identity import ObjectRef
from gitops_validate.parity.declared import ITEM, KEY, shown
from gitops_validate.parity.restarts import MOMENTS
from gitops_validate.placing.routes import Route
from gitops_validate.review.fields import NOISE
from gitops_validate.review.items import labels

Leaf: TypeAlias = tuple[str, Any]
"""A path and its value; a list whose items have no names is one value."""
VERSIONS: Mapping[tuple[str, str], tuple[Route, ...]] = {
    (link.HELM, "HelmRelease"): (("spec", "chart", "spec", "version"),),
    (link.SOURCE, "OCIRepository"): (("spec", "ref", "tag"), ("spec", "ref", "semver"), ("spec", "ref", "digest")),
    (link.SOURCE, "GitRepository"): (("spec", "ref", "tag"), ("spec", "ref", "semver"), ("spec", "ref", "commit")),
    (link.OPERATOR, "FluxInstance"): (("spec", "distribution", "version"),),
}
"""Where objects of Flux name a version: promotion moves it from one environment to the next."""
_IMAGES = frozenset({"image", "imageName"})
_TAGS = frozenset({"tag", "digest"})


def leaves(ref: ObjectRef, data: Mapping[str, Any]) -> Iterator[Leaf]:
    """The fields of an object in which environments are held against each other."""
    left_out = {_path(route) for route in VERSIONS.get((ref.group, ref.kind), ())}
    body = {key: value for key, value in data.items() if key not in ("apiVersion", "kind", "status")}
    if ref.kind == "Secret":
        body = {**{key: value for key, value in body.items() if key not in ("data", "stringData")}, "data": _blind(data)}
    for path, value in fields(body):
        if path not in left_out and not follows(path):
            yield path, value


def fields(value: Any) -> Iterator[Leaf]:
    """Every field in a value, as far down as keys and names lead."""
    waiting: list[Leaf] = [("", value)]
    while waiting:
        path, value = waiting.pop()
        found = labels(value) if isinstance(value, list) else ()
        if isinstance(value, dict) and value:
            tags = _TAGS if isinstance(value.get("repository"), str) else frozenset()
            waiting += [(f"{path}{KEY}{key}", _unversioned(key, below)) for key, below in reversed(value.items()) if key not in tags]
        elif found:
            waiting += [(f"{path}{ITEM}{name[1:-1]}", below) for name, below in reversed(list(zip(found, value, strict=True)))]
        else:
            yield path, value


def _unversioned(key: str, value: Any) -> Any:
    """An image without its tag and digest; anything else as it is."""
    return image_name(value) if key in _IMAGES and isinstance(value, str) else value


def image_name(image: str) -> str:
    """An image without its tag and digest."""
    name = image.partition("@")[0]
    repository, colon, tag = name.rpartition(":")
    return repository if colon and "/" not in tag else name


def follows(path: str) -> bool:
    """Whether a field follows from others: labels of versions, checksums, certificates made while rendering, moments of restarts."""
    if f"{KEY}annotations{KEY}" in path and path.endswith(MOMENTS):
        return True
    name = shown(path) if path.startswith(f"{KEY}metadata{KEY}") or path.endswith("caBundle") else ""
    return bool(name) and (LAST_APPLIED in name or NOISE.search(name) is not None)


def _blind(data: Mapping[str, Any]) -> dict[str, str]:
    """The keys of a Secret."""
    return {key: HIDDEN for section in (data.get("data"), data.get("stringData")) if isinstance(section, dict) for key in section}


def _path(route: Route) -> str:
    return "".join(f"{KEY}{step}" for step in route)


def route(data: Any, path: str) -> Route:
    """The route that a path stands for in an object, as far as it leads there."""
    steps: list[str | int] = []
    for part in _parts(path):
        match data:
            case dict() if part[0] == KEY and part[1:] in data:
                steps.append(part[1:])
            case list() if part[0] == ITEM and f"[{part[1:]}]" in (found := labels(data)):
                steps.append(found.index(f"[{part[1:]}]"))
            case _:
                break
        data = data[steps[-1]]
    return tuple(steps)


def path_of(data: Any, route: Route) -> str:
    """The path that a route stands for, up to the first list whose items have no names."""
    path = ""
    for step in route:
        match data:
            case dict() if step in data:
                path += f"{KEY}{step}"
            case list() if isinstance(step, int) and (found := labels(data)):
                path += f"{ITEM}{found[step][1:-1]}"
            case _:
                break
        data = data[step]
    return path


def _parts(path: str) -> list[str]:
    """The steps of a path, each with what it begins with."""
    ends = [index for index, character in enumerate(path) if character in (KEY, ITEM)]
    return [path[start:end] for start, end in zip(ends, [*ends[1:], len(path)], strict=True)]
