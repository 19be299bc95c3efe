"""Secrets: which keys change. Never what they hold."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.model.change import ABSENT, Change, FieldChange, Impact, Level
from gitops_validate.review.where import Where


def keys(change: Change, where: Where) -> Iterator[Impact]:
    """Values of a Secret that are new, others or gone."""
    if change.ref.kind != "Secret":
        return
    if change.action == "removed" and not where.stays(change):
        yield Impact(Level.CAREFUL, "secret", f"Secret {change.ref.name} goes: what reads it does not start again")
    data = [field for field in change.fields if field.path.startswith("data.")]
    for level, words, fields in (
        (Level.CAREFUL, "goes", [field for field in data if field.after is ABSENT]),
        (Level.ROUTINE, "is new", [field for field in data if field.before is ABSENT]),
        (Level.CAREFUL, "is encrypted anew, or another value", [field for field in data if ABSENT not in (field.before, field.after)]),
    ):
        if fields:
            yield Impact(level, "secret", f"Secret {change.ref.name}: {_named(fields)} {words}")


def _named(fields: list[FieldChange]) -> str:
    names = [field.path.removeprefix("data.") for field in fields]
    return ", ".join(names) if len(names) < 5 else f"{', '.join(names[:4])} and {len(names) - 4} more"


TELLING = (keys,)
