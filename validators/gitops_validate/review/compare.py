"""Pair the objects of an environment before and after a change, and tell what differs between the two of a pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_validate.judging.hide import HIDDEN
from gitops_validate.model.change import ABSENT, Change, FieldChange
from gitops_validate.model.render import RenderedObject
from gitops_validate.placing.routes import Route, existing, follow, get, nodes
from gitops_validate.review.fields import NOISE, differences
from gitops_validate.review.names import settled
from gitops_validate.review.renamed import renamed
from gitops_validate.review.sides import Identity, Side, Sides
from gitops_validate.review.veil import Veil


def compare(sides: Sides, veil: Veil) -> list[Change]:
    """What is added, removed, modified and renamed between two states of an environment; sorted. Consequences are found later."""
    before, after = sides.before.objects, sides.after.objects
    added = [after[key] for key in after.keys() - before.keys() if not sides.unknown(after[key], sides.before, sides.after)]
    removed = [before[key] for key in before.keys() - after.keys() if not sides.unknown(before[key], sides.after, sides.before)]
    pairs = renamed(removed, added)
    changes = [_renamed(old, new, sides, veil) for old, new in pairs]
    gone, come = {id(old) for old, _ in pairs}, {id(new) for _, new in pairs}
    changes += [removal(thing, sides.before, veil) for thing in removed if id(thing) not in gone]
    changes += [addition(thing, sides.after, veil) for thing in added if id(thing) not in come]
    changes += _modified(before, after, sides, veil)
    return sorted(changes, key=lambda change: (str(change.reconciler), change.ref.kind, change.ref.namespace, change.ref.name, change.action))


def _modified(before: Mapping[Identity, RenderedObject], after: Mapping[Identity, RenderedObject], sides: Sides, veil: Veil) -> Iterator[Change]:
    for key in before.keys() & after.keys():
        fields = tuple(changed_fields(before[key], after[key], sides, veil))
        if fields:
            yield Change("modified", before[key], after[key], fields, shown=_shown(before[key], after[key], sides, veil))


def addition(thing: RenderedObject, side: Side, veil: Veil) -> Change:
    """An object that was not there."""
    return Change("added", None, thing, shown=(ABSENT, veil.object(settled(thing.data, side.names))))


def removal(thing: RenderedObject, side: Side, veil: Veil) -> Change:
    """An object that is not there any more."""
    return Change("removed", thing, None, shown=(veil.object(settled(thing.data, side.names)), ABSENT))


def _renamed(old: RenderedObject, new: RenderedObject, sides: Sides, veil: Veil) -> Change:
    return Change("renamed", old, new, tuple(changed_fields(old, new, sides, veil)), shown=_shown(old, new, sides, veil))


def _shown(old: RenderedObject, new: RenderedObject, sides: Sides, veil: Veil) -> tuple[Any, Any]:
    return veil.object(settled(old.data, sides.before.names)), veil.object(settled(new.data, sides.after.names))


def changed_fields(old: RenderedObject, new: RenderedObject, sides: Sides, veil: Veil) -> Iterator[FieldChange]:
    """The fields in which two versions of an object differ, as they may be printed."""
    if old.reconciler != new.reconciler:
        yield FieldChange("(applied by)", str(old.reconciler), str(new.reconciler))
    if new.ref.kind == "Secret":
        yield from _secret(old, new, sides)
    if old.raw == new.raw:
        return
    one, other = _settled(old, sides.before), _settled(new, sides.after)
    for found in differences(one, other, sides.merged(new)):
        held = _holders(found.route, one, other)
        before, after = (veil.value(new.ref.kind, found.route, found.path, value, held) for value in (found.before, found.after))
        yield FieldChange(veil.text(found.path), before, after, bool(NOISE.search(found.path)), found.route)
    yield from _names(old, new, sides)


def _holders(route: Route, one: Any, other: Any) -> Any:
    """The items of the list that a value stands in, of both sides; None if it stands in none."""
    if not route or not isinstance(route[-1], int):
        return None
    known = next((data for data in (other, one) if existing(data, route) == route), None)
    if known is None:
        return None
    places = (follow(route[:-1], known, data) for data in (one, other))
    lists = [get(data, place) for data, (place, whole) in zip((one, other), places, strict=True) if whole]
    return [item for found in lists if isinstance(found, list) for item in (None, *found)]


def _settled(thing: RenderedObject, side: Side) -> Any:
    """The object without what a Secret holds, and with generated names as they stay."""
    data = settled(thing.data, side.names)
    return {key: below for key, below in data.items() if key not in ("data", "stringData")} if thing.ref.kind == "Secret" else data


def _secret(old: RenderedObject, new: RenderedObject, sides: Sides) -> Iterator[FieldChange]:
    """The keys of a Secret whose values differ; those of an encrypted one by their ciphertext."""
    before, after = _held(old, sides.before), _held(new, sides.after)
    for key in sorted({*before, *after}):
        one, other = before.get(key, ABSENT), after.get(key, ABSENT)
        if one != other:
            yield FieldChange(f"data.{key}", _hidden(one), _hidden(other), route=("data", key))


def _hidden(value: Any) -> Any:
    return value if value is ABSENT else HIDDEN


def _held(thing: RenderedObject, side: Side) -> dict[str, Any]:
    """What tells whether the values of a Secret have changed, by key. stringData is written over data."""
    found: dict[str, Any] = {}
    for section in ("data", "stringData"):
        values = thing.get(section)
        for key, value in values.items() if isinstance(values, dict) else ():
            written = side.written(thing, section, str(key)) if thing.encrypted else None
            found[str(key)] = value if written is None else written
    return found


def _names(old: RenderedObject, new: RenderedObject, sides: Sides) -> Iterator[FieldChange]:
    """Generated names that have changed: what reads the object by them gets the new one, and pods restart."""
    before, after = _generated(old, sides.before), _generated(new, sides.after)
    for stem in sorted(before.keys() & after.keys()):
        if before[stem] != after[stem]:
            yield FieldChange(f"(reads {stem})", "the former content", "the new content", noise=True)


def _generated(thing: RenderedObject, side: Side) -> dict[str, set[str]]:
    if not side.names or thing.ref.name in side.names:
        return {}
    found: dict[str, set[str]] = {}
    for _, value in nodes(thing.data):
        if isinstance(value, str) and value in side.names:
            found.setdefault(side.names[value], set()).add(value)
    return found
