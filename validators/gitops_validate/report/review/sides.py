"""A field before and after as lines, and where these differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from gitops_validate.model.change import FieldChange
from gitops_validate.report.review.block import lines

CONTEXT = 2
"""Lines around a difference that are shown with it."""
LONGEST = 4000
"""Lines of a text up to which the smallest difference is looked for, which takes time by their square."""


def sides(field: FieldChange) -> tuple[list[str], list[str]]:
    """The lines of a field before and after. Of a value that is hidden on both sides it is said that it is another."""
    before, after = lines(field.before), lines(field.after)
    if before == after and before:
        return [f"{before[0]}"], [f"{after[0]} (another)"]
    return before, after


def operations(before: Sequence[str], after: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    """How one list of lines becomes the other, as difflib says it."""
    if max(len(before), len(after)) > LONGEST:
        return [("replace", 0, len(before), 0, len(after))]
    return SequenceMatcher(None, before, after, autojunk=False).get_opcodes()


def hunks(before: Sequence[str], after: Sequence[str], context: int = CONTEXT) -> Iterator[tuple[str, str]]:
    """The lines that go (`-`), come (`+`) or stand around them (a blank); `…` stands for those between."""
    steps = operations(before, after)
    for number, (word, old, old_end, new, new_end) in enumerate(steps):
        if word != "equal":
            yield from (("-", line) for line in before[old:old_end])
            yield from (("+", line) for line in after[new:new_end])
            continue
        head = before[old : old + context] if number else []
        tail = before[max(old, old_end - context) : old_end] if number < len(steps) - 1 else []
        if len(head) + len(tail) >= old_end - old:
            yield from ((" ", line) for line in before[old if number else max(old, old_end - context) : old_end if tail else old + len(head)])
        else:
            yield from ((" ", line) for line in head)
            yield " ", "…"
            yield from ((" ", line) for line in tail)
