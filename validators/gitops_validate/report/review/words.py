"""Two versions of a text side by side: which lines stand for each other, and which words of them differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

from msgspec import Struct

from gitops_validate.report.review.sides import operations

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_LONGEST, _ALIKE = 300, 0.35
"""Tokens of a line up to which its words are compared, and how much of two lines must be equal for them to be versions of one."""
Piece = tuple[str, bool]
"""A part of a line, and whether it differs."""


class Row(Struct, frozen=True):
    """A line before and after, each in pieces; () where there is none. `gap` counts lines that are left out."""

    kind: Literal["same", "changed", "gap"]
    before: tuple[Piece, ...] = ()
    after: tuple[Piece, ...] = ()
    gap: int = 0


def rows(before: Sequence[str], after: Sequence[str], context: int = 3) -> Iterator[Row]:
    """The lines that differ, with those around them."""
    steps = operations(before, after)
    for number, (word, old, old_end, new, new_end) in enumerate(steps):
        if word != "equal":
            yield from _changed(before[old:old_end], after[new:new_end])
            continue
        head = context if number else 0
        tail = context if number < len(steps) - 1 else 0
        left_out = (old_end - old) - head - tail
        if left_out <= 1:
            yield from (Row("same", ((line, False),), ((line, False),)) for line in before[old:old_end])
            continue
        yield from (Row("same", ((line, False),), ((line, False),)) for line in before[old : old + head])
        yield Row("gap", gap=left_out)
        yield from (Row("same", ((line, False),), ((line, False),)) for line in before[old_end - tail : old_end] if tail)


def _changed(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    for one, other in zip_longest(before, after):
        if one is None or other is None:
            yield Row("changed", ((one, False),) if one is not None else (), ((other, False),) if other is not None else ())
        else:
            yield Row("changed", *_words(one, other))


def _words(one: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Two lines in pieces. Lines that have little in common are not taken apart."""
    before, after = _TOKEN.findall(one), _TOKEN.findall(other)
    whole = ((one, False),), ((other, False),)
    if max(len(before), len(after)) > _LONGEST:
        return whole
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return whole
    steps = matcher.get_opcodes()
    old = tuple(("".join(before[start:end]), word != "equal") for word, start, end, _, _ in steps if end > start)
    new = tuple(("".join(after[start:end]), word != "equal") for word, _, _, start, end in steps if end > start)
    return old, new
