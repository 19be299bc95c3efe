"""How two versions of an object differ, field by field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from gitops_validate.model.change import ABSENT
from gitops_validate.model.merged import Merged
from gitops_validate.placing.routes import Route
from gitops_validate.review.items import canonical, order, paired

ORDER = "(order)"
"""Ends the path of a list whose items stand in another order."""
NOISE = re.compile(
    r"""metadata\.labels(\.chart|\[helm\.sh/chart\]|\[app\.kubernetes\.io/version\]|\[kustomize\.toolkit\.fluxcd\.io/[a-z]+\])$
    |metadata\.annotations(\[[^\]]*checksum[^\]]*\]|\.checksum\w*|\.rollme|\[meta\.helm\.sh/[^\]]*\])$
    |(clientConfig|webhook)\.caBundle$|^spec\.caBundle$""",
    re.VERBOSE,
)
"""Fields that follow from others: the chart's version, checksums of what is changed elsewhere, certificates made while rendering."""


class Difference(Struct, frozen=True):
    """A field with another value. `path` names list items by their keys; `route` leads through `after`, or through `before` if it is gone there."""

    path: str
    before: Any
    after: Any
    route: Route


def differences(before: Any, after: Any, merged: Merged | None = None) -> Iterator[Difference]:
    """Every field that differs: as deep as both sides have it, and as a whole where only one has it.

    `merged` says how the API server merges the lists in the object.
    """
    waiting: list[tuple[str, Route, Any, Any, Merged | None]] = [("", (), before, after, merged)]
    while waiting:
        path, route, old, new, how = waiting.pop()
        if old is not ABSENT and new is not ABSENT and _same(old, new):
            continue
        match old, new:
            case (dict(), dict()):
                keys = [*old, *(key for key in new if key not in old)]
                steps = [(_joined(path, key), (*route, key), old.get(key, ABSENT), new.get(key, ABSENT), how and how.below(key)) for key in keys]
                waiting += reversed(steps)
            case (list(), list()) if old and new:
                item = how and how.item
                waiting += reversed([(path + name, (*route, index), one, other, item) for name, index, one, other in paired(old, new, how)])
                if orders := order(old, new, how):
                    yield Difference(f"{path}{ORDER}", *orders, route)
            case _:
                yield Difference(path, old, new, route)


def _same(old: Any, new: Any) -> bool:
    """Equal, where 1 and true are not."""
    return type(old) is type(new) and old == new if not isinstance(old, dict | list) else bool(old == new) and canonical(old) == canonical(new)


def _joined(path: str, key: str) -> str:
    if not key or any(character in key for character in "./[] "):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key
