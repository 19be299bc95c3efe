"""Objects that two environments call by their own names, and that are the same: `team-dev` here is `team-prod` there."""

from __future__ import annotations

from collections.abc import Iterable

from gitops_validate.model.change import Change
from gitops_validate.parity.own import Own
from gitops_validate.review.compare import changed_fields
from gitops_validate.review.sides import Sides
from gitops_validate.review.veil import Veil


def paired(changes: Iterable[Change], sides: Sides, veil: Veil) -> list[Change]:
    """The same differences, with one for what is in each environment under its own name instead of one that is missing and one that is new."""
    one, other = (Own(side.rendered.environment) for side in (sides.before, sides.after))
    every = list(changes)
    there = {(change.ref.group, one.text(str(change.ref))): change for change in every if change.action == "removed"}
    here = {(change.ref.group, other.text(str(change.ref))): change for change in every if change.action == "added"}
    same = [(there[key], here[key]) for key in there.keys() & here.keys()]
    apart = {id(change) for pair in same for change in pair}
    return [*(change for change in every if id(change) not in apart), *(_renamed(former, change, sides, veil) for former, change in same)]


def _renamed(former: Change, change: Change, sides: Sides, veil: Veil) -> Change:
    old, new = former.subject, change.subject
    return Change("renamed", old, new, tuple(changed_fields(old, new, sides, veil)), shown=(former.shown[0], change.shown[1]))
