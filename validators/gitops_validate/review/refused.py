"""Updates that the API server refuses, because a field cannot be changed: its own strategies say so, given the object as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gitops_validate.model.change import Change, Impact, Level
from gitops_validate.review.where import Where


@dataclass(frozen=True)
class Refusals:
    """What an engine says of updates."""

    def of(self, changes: Sequence[Change], where: Where) -> Mapping[int, list[Impact]]:
        """The refusals, by the index of the change."""
        del changes, where
        return {}
