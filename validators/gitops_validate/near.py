"""Names that may have been meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question with the nearest known name, "" if none is near."""
    close = get_close_matches(name, sorted(set(known) - {name}), n=1)
    return f"did you mean {close[0]}?" if close else ""
