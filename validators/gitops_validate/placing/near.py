"""Names that may have been meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST, MANY = 253, 2000
"""Names of Kubernetes are no longer, and comparing with more would take a while."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question with the nearest known name, "" if none is near."""
    sane = sorted(other for other in set(known) - {name} if len(other) <= LONGEST)[:MANY] if len(name) <= LONGEST else []
    close = get_close_matches(name, sane, n=1)
    return f"did you mean {close[0]}?" if close else ""
