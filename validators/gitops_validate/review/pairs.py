"""Which environment of one state is which of the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitops_validate.review.sides import Side

ALIKE = 0.7
"""The share of objects in common from which an environment that goes and one that comes count as one that was renamed."""


def paired(before: Mapping[str, Side], after: Mapping[str, Side]) -> Iterator[tuple[Side | None, Side | None]]:
    """Each environment with itself, or with what it is called now; None where there is no other side. In the order of the later state."""
    gone = {name: side for name, side in before.items() if name not in after}
    for name, side in after.items():
        if name in before:
            yield before[name], side
        else:
            former = max(gone, key=lambda other: _alike(gone[other], side), default="")
            known = bool(former) and _alike(gone[former], side) >= ALIKE
            yield gone.pop(former) if known else None, side
    for side in gone.values():
        yield side, None


def _alike(one: Side, other: Side) -> float:
    mine, theirs = set(one.objects), set(other.objects)
    return len(mine & theirs) / max(len(mine | theirs), 1)
