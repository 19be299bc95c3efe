"""The review of a change that was reviewed before: the same two states, asked about in the same way, by the same judges."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import orjson

from gitops_validate.check import Options, Walk, asked
from gitops_validate.keeping import memo
from gitops_validate.model.change import Review
from gitops_validate.report.review.json import as_values
from gitops_validate.report.review.values import review_of
from gitops_validate.revisions.history import Commit

CUT = "history"
"""What a gap is called that a deeper clone does not have."""


def key(options: Options, ref: str, base: Commit, head: Walk) -> str:
    """What identifies a review of the files as they are, beside a commit; `ref` is what the commit was called.

    Where the commit had to be fetched, those between it and the files are not known.
    """
    here = repr(base.root == head.repository)
    return memo.run_key(head.checkout, ("review", ref, base.sha, base.tree, here, *asked(options, head.revision)))


def recall(head: Walk, name: str) -> Review | None:
    """The review, if the archives of charts that it rests on are still what they were."""
    body = head.cache.get("review", name)
    try:
        charts, values = orjson.loads(body) if body else ({}, None)
        return review_of(values) if values and memo.are(charts) else None
    except (ValueError, KeyError, TypeError, AttributeError):  # an entry that somebody else has written
        return None


def remember(head: Walk, name: str, review: Review, charts: Mapping[str, str]) -> None:
    """Keep a review, unless another run may find out more."""
    if memo.lasts(review.incomplete) and not any(gap.what == CUT for gap in review.incomplete):
        head.cache.put("review", name, orjson.dumps([dict(charts), as_values(review)]))


def outside(charts: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The archives that do not lie in a folder, whose content is known already."""
    return {path: content for path, content in charts.items() if not path.startswith(f"{folder}/")}
