"""Which fields may differ between environments, by the patterns of the configuration.

A path is a text: each key behind a `KEY`, each item of a list that has a name behind an `ITEM`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import cache
from itertools import groupby
from typing import TypeAlias

from msgspec import Struct, field

from gitops_validate.config import Differ

KEY, ITEM = "\0", "\1"
ALL = "*"
"""Stands for every environment."""
Scope: TypeAlias = frozenset[str]
"""The environments that may be unlike the others."""
NOBODY: Scope = frozenset()
_STEP = re.compile(r"\[([^\[\]]+)\]|([^\[\].]+)")
_PATH_STEP = re.compile(r"([\0\1])([^\0\1]*)")


class Allowed(Struct):
    """What may differ in one object."""

    entries: Sequence[Differ]
    _known: dict[str, Scope] = field(default_factory=dict)

    @property
    def presence(self) -> Scope:
        """The environments that it may be missing in, or in which alone it may be."""
        return _scope(entry for entry in self.entries if not entry.fields)

    def scope(self, path: str) -> Scope:
        """The environments in which a field may be unlike the others."""
        if path not in self._known:
            self._known[path] = _scope(entry for entry in self.entries if not entry.fields or any(names(field, path) for field in entry.fields))
        return self._known[path]


class Declared(Struct):
    """What may differ in which objects."""

    entries: Sequence[Differ]
    _known: dict[tuple[int, ...], Allowed] = field(default_factory=dict)

    def of(self, ref: str) -> Allowed:
        """What may differ in an object, which is named as `Kind/namespace/name`."""
        chosen = tuple(number for number, entry in enumerate(self.entries) if fnmatchcase(ref, entry.object))
        if chosen not in self._known:
            self._known[chosen] = Allowed([self.entries[number] for number in chosen])
        return self._known[chosen]


def names(pattern: str, path: str) -> bool:
    """Whether a pattern names a field, or something that the field is part of."""
    return _compiled(pattern).match(path) is not None


def shown(path: str) -> str:
    """A path as people write it: `spec.containers[name=web].image`."""
    text = ""
    for kind, step in _PATH_STEP.findall(path):
        if kind == ITEM or not step or any(character in step for character in "./[] "):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Behind each `**` the first place that fits will do, as whatever is below a field is named with it: no way is tried twice."""
    steps = [bracketed or plain for bracketed, plain in _STEP.findall(pattern)]
    runs = [[*map(_step, run)] for several, run in groupby(steps, "**".__eq__) if not several]
    found = [rf"(?>(?:[\0\1][^\0\1]*)*?{''.join(run)})" for run in runs]
    if steps[0] != "**":
        found[0] = "".join(runs[0])
    return re.compile("".join(found))


def _step(step: str) -> str:
    """A key, or an item: by what identifies it, with or without the name of the field that does."""
    glob = r"[^\0\1]*".join(re.escape(part) for part in step.split("*"))
    return rf"(?:[\0\1]{glob}|\x01[^=\0\1]*={glob})(?=[\0\1]|\Z)"


def _scope(entries: Iterable[Differ]) -> Scope:
    return frozenset(name for entry in entries for name in entry.environments or (ALL,))
