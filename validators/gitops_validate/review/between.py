"""One environment against another of the same checkout: what a promotion would have to bring."""

from __future__ import annotations

from msgspec.structs import replace

from gitops_validate.check import Options, walk
from gitops_validate.errors import UsageError
from gitops_validate.model.change import Change, EnvironmentReview, Impact, Level, Review
from gitops_validate.parity.expected import Expected
from gitops_validate.review.compare import compare
from gitops_validate.review.impacts import told
from gitops_validate.review.merging import merging
from gitops_validate.review.sides import Sides, objects
from gitops_validate.review.state import state
from gitops_validate.review.veil import Veil
from gitops_validate.review.where import Where
from gitops_validate.workloads.requests import requests

TELLING = frozenset({"image", "chart", "version", "replicas", "access", "privileges", "network", "policy", "storage-class", "suspended"})
"""Consequences that say something of two environments side by side; nothing restarts, goes or is refused between them."""


def between(options: Options, one: str, other: str) -> Review:
    """How `other` differs from `one`, what may differ set apart. Raises UsageError if there are no such environments."""
    if one == other:
        raise UsageError(f"{one} does not differ from itself: name two environments")
    with state(replace(options, environments=(one, other)), walk(options)) as now:
        before, after = now.sides[one], now.sides[other]
        sides = Sides(before, after, merging(before, after, now.asker))
        veil = Veil(objects([before, after]))
        expected = Expected(sides, now.config.differ or (), now.asker.ask, veil)
        changes = tuple(replace(change, impacts=_telling(change, sides)) for change in expected.marked(compare(sides, veil)))
        impacts = tuple(sorted((impact for change in changes for impact in change.impacts), key=lambda each: (-each.level, str(each.object))))
        unknown = tuple(sorted({f"{ref}: {veil.text(why)}" for side in (sides.before, sides.after) for ref, why in side.broken.items()}))
        asked = [requests(side.rendered.objects) for side in (sides.before, sides.after)]
        found = EnvironmentReview(other, "changed" if changes else "unchanged", changes, impacts, unknown, *asked)
        return Review(one, other, (found,), incomplete=tuple(map(veil.gap, now.report.incomplete)))


def _telling(change: Change, sides: Sides) -> tuple[Impact, ...]:
    expected = {each.path for each in change.fields if each.expected}
    found = told(change, Where(sides)) if not change.quiet else ()
    return tuple(replace(each, level=min(each.level, Level.CAREFUL)) for each in found if each.kind in TELLING and each.field not in expected)
