"""Which fields of an object differ between environments, beyond what is declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct

from gitops_validate.model.change import ABSENT
from gitops_validate.model.outline import Thing
from gitops_validate.model.render import RenderedObject
from gitops_validate.parity.declared import ALL, ITEM, KEY, Allowed, Scope, shown
from gitops_validate.parity.fleet import Fleet
from gitops_validate.parity.leaves import Leaf
from gitops_validate.parity.own import Own


class Differing(Struct, frozen=True):
    """A field of an object that environments should agree in and do not; ABSENT where one lacks it."""

    path: str
    values: Mapping[str, Any]
    objects: Mapping[str, RenderedObject]


def differing(fleet: Fleet, things: Mapping[str, Thing], allowed: Allowed) -> Iterator[Differing]:
    """The fields of one object, as far up as one environment lacks them altogether."""
    objects = {name: found for name, thing in things.items() if (found := fleet.object(name, thing))}
    leaves = {name: list(fleet.compared(name).leaves(found)) for name, found in objects.items()}
    same = Counter(path for found in leaves.values() for path, _ in found)
    held = {name: _Fields.of(found, fleet.compared(name).own, allowed, same) for name, found in leaves.items()}
    whole: dict[str, list[Scope]] = {}
    for path in sorted({path for fields in held.values() for path in fields.values}):
        scope = frozenset[str]().union(*(fields.scopes.get(path, ()) for fields in held.values()))
        concerned = _concerned(held, scope)
        if len(concerned) > 1 and not _agree(path, concerned.values()):
            whole.setdefault(_top(path, concerned.values()), []).append(scope)
    for top, scopes in whole.items():
        concerned = _concerned(held, frozenset.intersection(*scopes))
        yield Differing(top, {name: fields.value(top) for name, fields in concerned.items()}, objects)


class _Fields(Struct, frozen=True, dict=True):
    """The fields of an object in one environment."""

    values: Mapping[str, Any]
    scopes: Mapping[str, Scope]
    own: Own

    @classmethod
    def of(cls, leaves: Iterable[Leaf], own: Own, allowed: Allowed, same: Mapping[str, int]) -> _Fields:
        """By what their paths are in every environment: a key that no other has may be called by the environment's name."""
        named = [(path if same[path] > 1 else own.text(path), path, value) for path, value in leaves]
        return cls({name: value for name, _, value in named}, {name: allowed.scope(path) for name, path, _ in named}, own)

    @cached_property
    def nodes(self) -> set[str]:
        """All paths that lead somewhere."""
        return {path[:end] for path in self.values for end in (*_ends(path), len(path))}

    def value(self, path: str) -> Any:
        """What stands at a path; of what goes on below, its fields as people write them."""
        if path in self.values or path not in self.nodes:
            return self.values.get(path, ABSENT)
        return {shown(other[len(path) :]): value for other, value in self.values.items() if other.startswith((path + KEY, path + ITEM))}


def _concerned(held: Mapping[str, _Fields], scope: Scope) -> dict[str, _Fields]:
    """The environments that have to agree."""
    return {name: fields for name, fields in held.items() if ALL not in scope and name not in scope}


def _agree(path: str, held: Iterable[_Fields]) -> bool:
    """Whether environments have the same at a path, but for what is each one's own."""
    first, *others = [(each.value(path), each.own) for each in held]
    return all(value is ABSENT if first[0] is ABSENT else first[1].same(first[0], value, own) for value, own in others)


def _top(path: str, fields: Iterable[_Fields]) -> str:
    """The topmost field on the way to a path that an environment lacks, the path itself if none does."""
    held = list(fields)
    return next((path[:end] for end in _ends(path) if any(path[:end] not in each.nodes for each in held)), path)


def _ends(path: str) -> list[int]:
    """Where the steps of a path end, the last one apart."""
    return [index for index, character in enumerate(path) if index and character in (KEY, ITEM)]
