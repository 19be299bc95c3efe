"""Names that kustomize generates: with a hash of the content at their end, they change with every edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gitops_validate.judging.fingerprint import GENERATED
from gitops_validate.model.render import RenderedObject


def generated(objects: Iterable[RenderedObject]) -> dict[str, str]:
    """The generated names among objects, each with what stands for it whatever its content: `settings-*`.

    The hash of a Secret is one of its content. It is not shown either.
    """
    return {thing.ref.name: _stem(thing.ref.name) for thing in objects if _is_generated(thing)}


def _is_generated(thing: RenderedObject) -> bool:
    return thing.ref.kind in ("ConfigMap", "Secret") and bool(thing.origin.generator) and _stem(thing.ref.name) != thing.ref.name


def _stem(name: str) -> str:
    found = list(GENERATED.finditer(name))
    return f"{name[: found[-1].start()]}-*" if found and found[-1].end() == len(name) else name


def settled(value: Any, names: Mapping[str, str]) -> Any:
    """A value in which every string that is a generated name is replaced by what stands for it."""
    match value:
        case dict():
            return {key: settled(below, names) for key, below in value.items()}
        case list():
            return [settled(below, names) for below in value]
        case str():
            return names.get(value, value)
    return value
