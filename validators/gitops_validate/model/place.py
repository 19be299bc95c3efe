"""Where something is written: first as a route through a document, later as a line and a column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

Precision = Literal["field", "patch", "generator", "values", "template", "object", "file"]
"""How good a place is: the field itself, the patch that sets it, the generator's entry, the values key, the line of a chart's template, the object, or only
the file."""


class At(Struct, frozen=True):
    """A route to a field: the file, the document in it (from 0), and the keys and indexes from the document's root."""

    path: str
    document: int = 0
    route: tuple[str | int, ...] = ()
    value: bool = False
    """Point at the value rather than at its key."""
    precision: Precision = "field"
    text: At | None = None
    """A route further into the YAML that the string at `route` holds, such as an inline patch."""

    @property
    def pointer(self) -> str:
        """The route as a JSON Pointer (RFC 6901)."""
        return pointer(self.route)


class Place(Struct, frozen=True, order=True):
    """A place that a person can go to; lines and columns count from 1, 0 means unknown; `end` is the column behind the last character."""

    path: str
    line: int = 0
    column: int = 0
    end: int = 0
    precision: Precision = "field"


def pointer(steps: Iterable[str | int]) -> str:
    """Steps as a JSON Pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def route(pointer: str) -> tuple[str | int, ...]:
    """The steps of a JSON Pointer; what looks like an index becomes one."""
    steps = (step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
    return tuple(int(step) if step.isdigit() else step for step in steps)
