"""A review as another job has written it, read as what it is: an artifact of whoever opened the merge request."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from gitops_validate.errors import UsageError
from gitops_validate.faults import REVIEW, faults
from gitops_validate.model.change import EnvironmentReview, Review
from gitops_validate.model.finding import Incomplete, order
from gitops_validate.report.review.values import review_of

LARGEST = 200 << 20
"""Bytes of a review that are read."""
DEEPEST = 250
"""Levels of nesting that are read: the engine refuses documents of more than 100."""
_MISSING = "no job has reviewed this environment: name it in the pipeline"


def read(path: Path) -> Review:
    """The review in a file that `diff --format json` has written. Raises UsageError."""
    try:
        with path.open("rb") as file:
            body = file.read(LARGEST + 1)
    except OSError as fault:
        raise UsageError(f"cannot read {path}: {fault.strerror or fault}") from fault
    if len(body) > LARGEST:
        raise UsageError(f"{path} is larger than {LARGEST >> 20} MiB: no review is")
    try:
        data = orjson.loads(body)
    except ValueError as fault:
        raise UsageError(f"{path} is not JSON: it must be what `gitops-validate diff --format json` has written") from fault
    if _deeper(data, DEEPEST):
        raise UsageError(f"{path} is nested more than {DEEPEST} levels deep: no review is")
    for wrong in faults(data, REVIEW)[:1]:
        raise UsageError(f"{path} is no review: {wrong.message} (at {wrong.pointer or '/'})")
    return review_of(data)


def merged(reviews: Iterable[Review]) -> Review:
    """Reviews of one change by several jobs, each of its own environments, as one; an environment that none has looked at is a gap.

    Raises UsageError if they are of different changes, or tell of an environment twice.
    """
    every = list(reviews)
    if len({(each.base, each.head) for each in every}) != 1:
        raise UsageError("these reviews are not of one change: their base or head differs")
    environments = _once(each for review in every for each in review.environments)
    missing = sorted(set(chain.from_iterable(review.others for review in every)) - set(environments))
    environments |= {name: EnvironmentReview(name, "unchanged", unknown=(f"{name}: {_MISSING}",)) for name in missing}
    promoted = tuple(dict.fromkeys(chain.from_iterable(review.order for review in every)))
    named = sorted(environments, key=lambda name: (promoted.index(name) if name in promoted else len(promoted), name))
    unread = set.intersection(*(set(review.unread) for review in every))
    return Review(
        every[0].base,
        every[0].head,
        tuple(environments[name] for name in named),
        tuple(dict.fromkeys(chain.from_iterable(review.repository for review in every))),
        tuple(sorted(set(chain.from_iterable(review.brought for review in every)), key=order)),
        tuple(sorted(set(chain.from_iterable(review.removed for review in every)), key=order)),
        tuple(dict.fromkeys((*chain.from_iterable(review.incomplete for review in every), *map(_gap, missing)))),
        dict(sorted(chain.from_iterable(review.files.items() for review in every))),
        tuple(sorted(unread)),
        order=promoted,
    )


def _once(reviews: Iterable[EnvironmentReview]) -> dict[str, EnvironmentReview]:
    found: dict[str, EnvironmentReview] = {}
    for each in reviews:
        if each.name in found:
            raise UsageError(f"these reviews tell of {each.name!r} twice: give one for each environment")
        found[each.name] = each
    return found


def _gap(name: str) -> Incomplete:
    return Incomplete("review", name, _MISSING, environment=name)


def _deeper(data: Any, levels: int) -> bool:
    """Whether anything lies deeper than that; without recursion, which has a limit of its own."""
    level = [data]
    for _ in range(levels):
        level = [item for each in level if isinstance(each, dict | list) for item in (each.values() if isinstance(each, dict) else each)]
    return bool(level)
