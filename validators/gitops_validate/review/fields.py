"""How two versions of an object differ, field by field.

Items of lists are paired by what identifies them, as a server-side apply merges them, so that an item that moves is no change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import orjson

from gitops_validate.model.change import ABSENT
from gitops_validate.routes import Route

KEYS: tuple[tuple[str, ...], ...] = (
    ("name",),
    ("metadata.name",),
    ("mountPath",),
    ("devicePath",),
    ("containerPort", "protocol"),
    ("port", "protocol"),
    ("topologyKey", "whenUnsatisfiable"),
    ("type",),
    ("ip",),
    ("uid",),
    ("key", "operator", "effect"),
    ("key",),
    ("alert",),
    ("record",),
    ("host",),
    ("kind", "name", "namespace"),
)
"""What identifies the items of a list, by x-kubernetes-list-map-keys and patchMergeKey of Kubernetes' OpenAPI and of common definitions."""
NOISE = re.compile(
    r"""metadata\.labels(\.chart|\[helm\.sh/chart\]|\[app\.kubernetes\.io/version\]|\[kustomize\.toolkit\.fluxcd\.io/[a-z]+\])$
    |metadata\.annotations(\[[^\]]*checksum[^\]]*\]|\.checksum\w*|\.rollme|\[meta\.helm\.sh/[^\]]*\])$
    |(clientConfig|webhook)\.caBundle$|^spec\.caBundle$""",
    re.VERBOSE,
)
"""Fields that follow from others: the chart's version, checksums of what is changed elsewhere, certificates made while rendering."""
LONGEST = 400
"""Items of a list without keys up to which its items are aligned; longer ones are compared by their index."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field with another value. `path` names list items by their keys; `route` leads through `after`, or through `before` if it is gone there."""

    path: str
    before: Any
    after: Any
    route: Route


def differences(before: Any, after: Any) -> Iterator[Difference]:
    """Every field that differs: as deep as both sides have it, and as a whole where only one has it."""
    waiting: list[tuple[str, Route, Any, Any]] = [("", (), before, after)]
    while waiting:
        path, route, old, new = waiting.pop()
        if old is not ABSENT and new is not ABSENT and _same(old, new):
            continue
        match old, new:
            case (dict(), dict()):
                steps = [(_joined(path, key), (*route, key), old.get(key, ABSENT), new.get(key, ABSENT)) for key in _ordered(old, new)]
                waiting += reversed(steps)
            case (list(), list()) if old and new:
                waiting += reversed([(path + name, (*route, index), one, other) for name, index, one, other in _pairs(old, new)])
            case _:
                yield Difference(path, old, new, route)


def _same(old: Any, new: Any) -> bool:
    """Equal, where 1 and true are not."""
    return type(old) is type(new) and old == new if not isinstance(old, dict | list) else bool(old == new) and _canonical(old) == _canonical(new)


def _ordered(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [*old, *(key for key in new if key not in old)]


def _joined(path: str, key: str) -> str:
    if not key or any(character in key for character in "./[] "):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def _pairs(old: list[Any], new: list[Any]) -> list[tuple[str, int, Any, Any]]:
    """The items of two lists side by side, each with how it is called and its index in the newer list, or in the older one."""
    keys = _keys(old, new)
    return _by_keys(old, new, keys) if keys else list(_aligned(old, new))


def labels(items: list[Any]) -> list[str]:
    """How the items of a list are called, such as `[name=web]`, in their order; none if nothing tells them apart."""
    keys = _keys(items, items) if items else ()
    return [name for name, *_ in _by_keys(items, items, keys)] if keys else []


def _keys(old: Sequence[Any], new: Sequence[Any]) -> tuple[str, ...]:
    """The fields that tell the items of both lists apart; () if none do."""
    for keys in KEYS:
        if all(_identified(items, keys) for items in (old, new)):
            return keys
    return ()


def _identified(items: Sequence[Any], keys: tuple[str, ...]) -> bool:
    if not all(isinstance(item, dict) and isinstance(_key(item, keys[0]), str | int) for item in items):
        return False
    return len({_identity(item, keys) for item in items}) == len(items)


def _identity(item: dict[str, Any], keys: tuple[str, ...]) -> tuple[str, ...]:
    found = (_key(item, key) for key in keys)
    return tuple("" if value is None else str(value) for value in found)


def _key(item: dict[str, Any], key: str) -> Any:
    """What stands under a key; under the metadata of a claim's template for one."""
    outer, _, inner = key.rpartition(".")
    holder = item.get(outer) if outer else item
    return holder.get(inner) if isinstance(holder, dict) else None


def _by_keys(old: list[Any], new: list[Any], keys: tuple[str, ...]) -> list[tuple[str, int, Any, Any]]:
    before = {_identity(item, keys): (index, item) for index, item in enumerate(old)}
    after = {_identity(item, keys): (index, item) for index, item in enumerate(new)}
    every = [*before, *(identity for identity in after if identity not in before)]
    short = len({identity[0] for identity in every}) == len(every)
    found = []
    for identity in every:
        named = (
            f"[{keys[0].rpartition('.')[2]}={identity[0]}]"
            if short
            else f"[{','.join(f'{key}={part}' for key, part in zip(keys, identity, strict=True) if part)}]"
        )
        index = (after.get(identity) or before[identity])[0]
        found.append((named, index, before.get(identity, (0, ABSENT))[1], after.get(identity, (0, ABSENT))[1]))
    return found


def _aligned(old: list[Any], new: list[Any]) -> Iterator[tuple[str, int, Any, Any]]:
    """Items that nothing identifies: those that are equal stay together, what lies between them is paired in its order."""
    if max(len(old), len(new)) > LONGEST:
        blocks: Sequence[tuple[str, int, int, int, int]] = [("replace", 0, len(old), 0, len(new))]
    else:
        blocks = SequenceMatcher(None, [_canonical(item) for item in old], [_canonical(item) for item in new], autojunk=False).get_opcodes()
    for word, old_start, old_end, new_start, new_end in blocks:
        for offset in range(max(old_end - old_start, new_end - new_start)) if word != "equal" else ():
            here, there = old_start + offset, new_start + offset
            one, other = old[here] if here < old_end else ABSENT, new[there] if there < new_end else ABSENT
            index = there if other is not ABSENT else here
            yield f"[{index}]", index, one, other


def _canonical(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
