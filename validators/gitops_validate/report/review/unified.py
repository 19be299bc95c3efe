"""The review as a unified diff of the objects as the cluster gets them, a file an object: for tools and for `git`-trained eyes."""

from __future__ import annotations

from difflib import unified_diff
from typing import TextIO

from gitops_validate.model.change import Change, Review
from gitops_validate.report.escape import visible
from gitops_validate.report.look import Look
from gitops_validate.report.review.block import lines
from gitops_validate.report.review.told import title


def write(review: Review, out: TextIO, _look: Look) -> None:
    """Write every change of every environment, without noise and what is expected. Of Secrets only the keys are there."""
    for environment in review.environments:
        for change in environment.changes:
            if not change.quiet:
                out.writelines(f"{line}\n" for line in _diff(environment.name, change))


def _diff(environment: str, change: Change) -> list[str]:
    path = visible(f"{environment}/{title(change)}.yaml")
    before, after = (["/dev/null", []] if change.action == gone else [f"{side}/{path}", body] for side, gone, body in _bodies(change))
    found = list(unified_diff(before[1], after[1], str(before[0]), str(after[0]), lineterm=""))
    return found or [f"--- {before[0]}", f"+++ {after[0]}", "# only values of a Secret differ"]


def _bodies(change: Change) -> list[tuple[str, str, list[str]]]:
    old, new = ([visible(line) for line in lines(value)] for value in change.shown)
    return [("a", "added", old), ("b", "removed", new)]
