"""What was found in one environment, before waivers: a value that can be kept."""

from __future__ import annotations

from msgspec import Struct, field

from gitops_validate.judging.waivers import Candidate
from gitops_validate.model.finding import Incomplete, Pending
from gitops_validate.model.graph import Node
from gitops_validate.model.outline import Outline
from gitops_validate.model.requests import Requests


class Outcome(Struct, frozen=True):
    """What the rules found in one environment, what could not be checked of it, and how much there was of it.

    The outcome of holding all of them against each other has no environment.
    """

    environment: str
    candidates: tuple[Candidate, ...]
    gaps: tuple[Incomplete, ...]
    reconcilers: int
    objects: int
    checked: int
    whole: bool
    """Whether everything in it was rendered."""
    pending: tuple[Pending, ...] = ()
    requests: Requests = field(default_factory=Requests)
    graph: tuple[Node, ...] = ()
    outline: Outline = field(default_factory=Outline)
