"""An edit of a file's lines, and what a rule says to have its findings repaired by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec import Struct

from gitops_validate.model.finding import Finding


class Edit(Struct, frozen=True, order=True):
    """The lines from `start` up to, not with, `end` (from 0) become `lines`."""

    start: int
    end: int
    lines: tuple[str, ...] = ()


Mend: TypeAlias = Callable[[Finding, Sequence[str]], "Edit | None"]
"""The one certain repair of a finding in the lines of its file, None where a person has to decide."""


def within(number: int, line: str, start: int, end: int, text: str) -> Edit:
    """An edit of some characters of one line."""
    return Edit(number, number + 1, (line[:start] + text + line[end:],))
