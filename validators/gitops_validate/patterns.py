"""Regular expressions that somebody else wrote: one that could take forever, or cannot be read, is taken to match."""

from __future__ import annotations

import re

LONGEST, REPEATS = 300, 3
"""Characters of a text and of a pattern, and repetitions in a pattern, that are compared: more could take forever."""


def may_match(pattern: str, text: str, *, whole: bool = False) -> bool:
    """Whether a pattern is found in a text, or as the `whole` of it, or may be."""
    if len(pattern) > LONGEST or len(text) > LONGEST or not _is_safe(pattern):
        return True
    try:
        return (re.fullmatch if whole else re.search)(pattern, text) is not None
    except re.error:
        return True


def _is_safe(pattern: str) -> bool:
    """Whether a search cannot take long: few repetitions, and no group that is repeated."""
    return len(re.findall(r"[*+{]", pattern)) <= REPEATS and re.search(r"\)[*+{]|\\[1-9]", pattern) is None
