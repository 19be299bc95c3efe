"""The items of two lists side by side: by the keys that the API server merges them by, else by what tells them apart for a reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

import orjson

from gitops_validate.model.change import ABSENT
from gitops_validate.model.merged import Merged

Pair = tuple[str, int, Any, Any]
"""How an item is called, its index in the newer list, or in the older one, and both versions of it."""
Identity = tuple[str, ...]
TELLING: tuple[tuple[str, ...], ...] = (
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
"""What tells items apart in lists that are replaced as a whole, or of which nothing is known, such as those in a chart's values."""
LONGEST = 400
"""Items of a list without keys up to which its items are aligned; longer ones are compared by their index."""


def paired(old: list[Any], new: list[Any], merged: Merged | None = None) -> list[Pair]:
    """The items of two lists side by side; those that are nowhere else are paired with ABSENT."""
    if _sets(old, new, merged):
        return list(_as_sets(old, new))
    keys, defaults = _keys(old, new, merged)
    return _by_keys(old, new, keys, defaults) if keys else list(_aligned(old, new))


def labels(items: list[Any]) -> list[str]:
    """How the items of a list are called, such as `[name=web]`, in their order; none if nothing tells them apart."""
    keys = _telling(items) if items else ()
    return [name for name, *_ in _by_keys(items, items, keys, {})] if keys else []


def order(old: list[Any], new: list[Any], merged: Merged | None = None) -> tuple[list[str], list[str]] | None:
    """In which order the items stand that both lists have, before and after; None if that is the same, or they are sets.

    An apply brings its own order of items, also of those that are merged by keys: of a pod's variables it makes new pods. Items that nothing
    tells apart are compared in their order anyway.
    """
    keys, defaults = _keys(old, new, merged)
    if not keys or _sets(old, new, merged):
        return None
    before, after = ([_identity(item, keys, defaults) for item in items] for items in (old, new))
    common = {*before} & {*after}
    stood, stand = (["/".join(filter(None, each)) for each in identities if each in common] for identities in (before, after))
    return None if stood == stand else (stood, stand)


def canonical(value: Any) -> bytes:
    """A value as the same text wherever it is the same value."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _sets(old: Sequence[Any], new: Sequence[Any], merged: Merged | None) -> bool:
    """Whether both lists are sets; one in which an item stands twice is none, whatever it should be."""
    return bool(merged and merged.is_set) and all(len({*map(canonical, items)}) == len(items) for items in (old, new))


def _keys(old: Sequence[Any], new: Sequence[Any], merged: Merged | None) -> tuple[tuple[str, ...], Mapping[str, Any]]:
    """The fields by which items are paired, with what stands for those that an item lacks; none if nothing tells them apart."""
    if merged and merged.keys and all(_apart(items, merged.keys, merged.defaults) for items in (old, new)):
        return merged.keys, merged.defaults
    return _telling(old, new), {}


def _telling(*lists: Sequence[Any]) -> tuple[str, ...]:
    return next((keys for keys in TELLING if all(_named(items, keys[0]) and _apart(items, keys, {}) for items in lists)), ())


def _named(items: Sequence[Any], key: str) -> bool:
    return all(isinstance(item, dict) and isinstance(_value(item, key), str | int) for item in items)


def _apart(items: Sequence[Any], keys: tuple[str, ...], defaults: Mapping[str, Any]) -> bool:
    """Whether keys tell items apart. Somebody may have written any value where a key is expected."""
    if not all(isinstance(item, dict) for item in items):
        return False
    found = {_identity(item, keys, defaults) for item in items}
    return len(found) == len(items) and all(any(identity) for identity in found)


def _identity(item: dict[str, Any], keys: tuple[str, ...], defaults: Mapping[str, Any]) -> Identity:
    found = (_value(item, key, defaults.get(key)) for key in keys)
    return tuple("" if value is None else str(value) for value in found)


def _value(item: dict[str, Any], key: str, default: Any = None) -> Any:
    """What stands under a key; under the metadata of a claim's template for one."""
    outer, _, inner = key.rpartition(".")
    holder = item.get(outer) if outer else item
    return holder.get(inner, default) if isinstance(holder, dict) else default


def _by_keys(old: list[Any], new: list[Any], keys: tuple[str, ...], defaults: Mapping[str, Any]) -> list[Pair]:
    before, after = ({_identity(item, keys, defaults): (index, item) for index, item in enumerate(items)} for items in (old, new))
    every = [*before, *(identity for identity in after if identity not in before)]
    short = len({identity[0] for identity in every}) == len(every) and all(identity[0] for identity in every)
    found = []
    for identity in every:
        index = (after.get(identity) or before[identity])[0]
        one, other = (items.get(identity, (0, ABSENT))[1] for items in (before, after))
        found.append((_called(keys[:1] if short else keys, identity), index, one, other))
    return found


def _called(keys: Sequence[str], identity: Identity) -> str:
    parts = (f"{key.rpartition('.')[2]}={part}" for key, part in zip(keys, identity, strict=False) if part)
    return f"[{','.join(parts)}]"


def _as_sets(old: list[Any], new: list[Any]) -> Iterator[Pair]:
    """The items that only one of two sets has: those that go beside those that come."""
    before, after = ({canonical(item): (index, item) for index, item in enumerate(items)} for items in (old, new))
    gone, come = ([found for key, found in items.items() if key not in others] for items, others in ((before, after), (after, before)))
    for one, other in zip_longest(gone, come, fillvalue=(-1, ABSENT)):
        index = other[0] if other[1] is not ABSENT else one[0]
        yield f"[{index}]", index, one[1], other[1]


def _aligned(old: list[Any], new: list[Any]) -> Iterator[Pair]:
    """Items that nothing identifies: those that are equal stay together, what lies between them is paired in its order."""
    if max(len(old), len(new)) > LONGEST:
        blocks: Sequence[tuple[str, int, int, int, int]] = [("replace", 0, len(old), 0, len(new))]
    else:
        blocks = SequenceMatcher(None, [canonical(item) for item in old], [canonical(item) for item in new], autojunk=False).get_opcodes()
    for word, old_start, old_end, new_start, new_end in blocks:
        for offset in range(max(old_end - old_start, new_end - new_start)) if word != "equal" else ():
            here, there = old_start + offset, new_start + offset
            one, other = old[here] if here < old_end else ABSENT, new[there] if there < new_end else ABSENT
            index = there if other is not ABSENT else here
            yield f"[{index}]", index, one, other
