"""Secrets: which keys change. Never what they hold."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.model.change import ABSENT, Change, FieldChange, Impact, Level
from gitops_validate.review.where import Where


def keys(change: Change, where: Where) -> Iterator[Impact]:
    """Values of a Secret that are new, others or gone."""
    if change.ref.kind != "Secret":
        return
    maker = where.sides.after.made.get((change.ref.namespace or "default", change.ref.name))
    if change.action == "removed" and maker and not where.stays(change):
        yield Impact(
            Level.CAREFUL,
            "secret",
            f"{change.ref} goes, and {maker.ref.kind} {maker.ref.name} makes it anew: what reads it in between does not start",
        )
    elif change.action == "removed" and not where.stays(change):
        yield Impact(Level.CAREFUL, "secret", f"{change.ref} goes: what reads it does not start again")
    data = [field for field in change.fields if field.path.startswith("data.")]
    another = "encrypted anew, or another value" if change.subject.encrypted else "another value"
    for level, words, fields in (
        (Level.CAREFUL, "taken away; what reads it does not start again", [field for field in data if field.after is ABSENT]),
        (Level.ROUTINE, "new", [field for field in data if field.before is ABSENT]),
        (Level.CAREFUL, another, [field for field in data if ABSENT not in (field.before, field.after)]),
    ):
        if fields:
            yield Impact(level, "secret", f"{_named(fields)}: {words}")


def _named(fields: list[FieldChange]) -> str:
    names = [field.path.removeprefix("data.") for field in fields]
    shown = ", ".join(names) if len(names) < 5 else f"{', '.join(names[:4])} and {len(names) - 4} more"
    return f"key{'s' * (len(names) > 1)} {shown}"


TELLING = (keys,)
