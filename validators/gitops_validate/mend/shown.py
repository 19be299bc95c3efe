"""A repair as a diff that a terminal and a log may hold: what may be a secret's value is hidden, as everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from gitops_validate.report.escape import visible
from gitops_validate.report.secrecy import masked

AROUND = 2
"""Lines that are shown above and below a change."""


def diff(path: str, before: str, after: str) -> str:
    """The change of one file, as a unified diff."""
    old, new = before.split("\n"), after.split("\n")
    return "".join(f"{visible(line)}\n" for line in (f"--- a/{path}", f"+++ b/{path}", *_hunks(old, new)))


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND):
        first, last = group[0], group[-1]
        yield f"@@ -{first[1] + 1},{last[2] - first[1]} +{first[3] + 1},{last[4] - first[3]} @@"
        for tag, start, end, other, until in group:
            if tag == "equal":
                yield from (f" {masked(old, number)}" for number in range(start, end))
            else:
                yield from (f"-{masked(old, number)}" for number in range(start, end))
                yield from (f"+{masked(new, number)}" for number in range(other, until))
