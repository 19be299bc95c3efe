"""The line of a file that a finding points at, as a terminal may show it."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from unicodedata import east_asian_width

from msgspec import Struct

from gitops_validate.report.escape import visible
from gitops_validate.report.secrecy import holds_secrets, masked

_WIDTH = 120
_SEPARATOR = re.compile(r"---(?:\s|$)")


class Excerpt(Struct, frozen=True):
    """One line of a file, and the marks below it."""

    line: int
    text: str
    marks: str


class Line(Struct, frozen=True):
    """A line of a file in three parts, the middle one marked; "" where nothing is."""

    number: int
    before: str
    marked: str = ""
    after: str = ""


class Source(Struct, frozen=True, dict=True):
    """The text of a file."""

    text: str

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        """The first line of each YAML document."""
        return [0, *(number + 1 for number, line in enumerate(self._lines) if line[:3] == "---" and _SEPARATOR.match(line))]

    @cached_property
    def _documents(self) -> dict[int, tuple[list[str], bool]]:
        """The lines of documents that were looked into, and whether their values are secrets: many findings may lie in a large one."""
        return {}

    def excerpt(self, line: int, column: int, end: int, width: int = _WIDTH) -> Excerpt | None:
        """The line with that number, of `width` characters at most, with marks from `column` up to `end`; None if there is no such line."""
        if not 0 < line <= len(self._lines):
            return None
        text = self._masked(line - 1)
        start = max(column - 1, 0)
        stop = end - 1 if end > column else start + 1
        shift = max(0, start - width // 2) if len(text) > width else 0
        window = text[shift : shift + width]
        return Excerpt(line, visible(window), _marks(window, start - shift, stop - shift) if column else "")

    def around(self, line: int, column: int, end: int, context: int = 2) -> list[Line]:
        """The line with that number between its neighbours, marked from `column` up to `end`; none if there is no such line."""
        if not 0 < line <= len(self._lines):
            return []
        last = len(self._lines) - (self._lines[-1] == "" and line < len(self._lines))
        numbers = range(max(1, line - context), min(last, line + context) + 1)
        return [self._marked(number, column, end) if number == line else Line(number, self._cut(number)) for number in numbers]

    def _marked(self, number: int, column: int, end: int) -> Line:
        text = self._masked(number - 1)
        start = max(column - 1, 0)
        if not column or start >= len(text):
            return Line(number, "", self._cut(number))
        stop = end - 1 if end > column else start + 1
        shift = max(0, start - _WIDTH // 2) if len(text) > _WIDTH else 0
        window = text[: shift + _WIDTH]
        before = ("…" if shift else "") + window[shift:start]
        return Line(number, visible(before), visible(window[start:stop]), visible(window[stop:]))

    def _cut(self, number: int) -> str:
        return visible(self._masked(number - 1), _WIDTH)

    def _masked(self, number: int) -> str:
        document = bisect_right(self._starts, number) - 1
        start = self._starts[document]
        if document not in self._documents:
            stop = self._starts[document + 1] if document + 1 < len(self._starts) else len(self._lines)
            lines = self._lines[start:stop]
            self._documents[document] = lines, holds_secrets(lines)
        lines, holding = self._documents[document]
        return masked(lines, number - start, holding=holding)


def _marks(window: str, start: int, stop: int) -> str:
    return " " * _columns(window[:start]) + "^" * max(1, _columns(window[start:stop]))


def _columns(text: str) -> int:
    """How many columns a terminal gives the text once it is made visible."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in visible(text))
