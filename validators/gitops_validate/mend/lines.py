"""Repairs that take out a line which stands for itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gitops_validate.mend.edit import Edit
from gitops_validate.model.finding import Finding

ENTRY = re.compile(r"""\A( *)("[^"\\]*"|'[^']*'|[A-Za-z_][^\s:#"'{}\[\],]*):[ ]+(?![|>&*!])\S.*""")
"""A key with a value that begins on its line, in block style."""


def said_twice(finding: Finding, lines: Sequence[str]) -> Edit | None:
    """Take out the second of two keys that say the same."""
    number = finding.place.line - 1
    if not _alone(lines, number):
        return None
    own = lines[number].rstrip()
    for other in reversed(lines[:number]):
        if _depth(other) == _depth(own) and other.rstrip() == own:
            return Edit(number, number + 1)
        if other.strip() and _depth(other) < _depth(own):
            return None
    return None


def idle_annotation(finding: Finding, lines: Sequence[str]) -> Edit | None:
    """Take out an annotation that waives nothing, and the key above it where nothing else stands under that."""
    number = finding.place.line - 1
    if not finding.message.endswith("waives nothing") or not _alone(lines, number) or "gitops-validate/allow." not in lines[number]:
        return None
    beside = [
        each for each in (number - 1, number + 1) if 0 <= each < len(lines) and _depth(lines[each]) == _depth(lines[number]) and lines[each].strip()
    ]
    if any(ENTRY.fullmatch(lines[each].rstrip()) for each in beside):
        return Edit(number, number + 1)
    if beside or not re.fullmatch(r" *annotations:", lines[number - 1].rstrip()) or _depth(lines[number - 1]) >= _depth(lines[number]):
        return None
    return Edit(number - 1, number + 1)


def entry_of_baseline(finding: Finding, lines: Sequence[str]) -> Edit | None:
    """Take out the line of an entry, as `--write-baseline` writes it."""
    number = finding.place.line - 1
    gone = "is not found any more" in finding.message
    return Edit(number, number + 1) if gone and 0 <= number < len(lines) and re.fullmatch(r" *- \{[^{}]*\}", lines[number].rstrip()) else None


def _alone(lines: Sequence[str], number: int) -> bool:
    """Whether a line is a whole entry: a quoted value ends on it, and nothing below belongs to it."""
    if not 0 <= number < len(lines) or not (found := ENTRY.fullmatch(lines[number].rstrip())):
        return False
    value = lines[number].rstrip()[found.end(2) + 1 :].strip()
    if value[0] in "{[" or (value[0] in "\"'" and not re.fullmatch(r'"[^"\\]*"(\s+#.*)?|' + r"'[^']*'(\s+#.*)?", value)):
        return False
    below = next((line for line in lines[number + 1 :] if line.strip()), "")
    return _depth(below) <= _depth(lines[number])


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
