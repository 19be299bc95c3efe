"""How the API server merges the lists in an object: by which keys, as a set, or as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

Kind = tuple[str, str]
"""API version and kind."""


class Merged(Struct, frozen=True):
    """A part of a kind that is, or leads to, a list whose items are merged one by one. Parts of which there is none are replaced as a whole."""

    parts: Sequence[Mapping[str, Any]]
    number: int = 0

    def below(self, key: str) -> Merged | None:
        """The part under a key."""
        return self._at(self._own.get("fields", {}).get(key, self._own.get("values")))

    @property
    def item(self) -> Merged | None:
        """What an item of the list is."""
        return self._at(self._own.get("items"))

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields that identify an item; () if it is no list, or a set."""
        return tuple(self._own.get("keys", ()))

    @property
    def defaults(self) -> Mapping[str, Any]:
        """What stands for a key that an item lacks."""
        found: Mapping[str, Any] = self._own.get("defaults", {})
        return found

    @property
    def is_set(self) -> bool:
        """Whether it is a list whose items are identified by themselves."""
        return bool(self._own.get("set"))

    @property
    def _own(self) -> Mapping[str, Any]:
        return self.parts[self.number]

    def _at(self, number: int | None) -> Merged | None:
        return None if number is None else Merged(self.parts, number)
