"""What was found in one environment, before waivers: a value that can be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from gitops_validate.judging.waivers import Candidate
from gitops_validate.keeping.memo import finding, node
from gitops_validate.model.finding import Incomplete, Pending
from gitops_validate.model.graph import Node
from gitops_validate.model.outline import Outline, Part, Reference, Thing, Version
from gitops_validate.model.requests import Requests


@dataclass(frozen=True, slots=True)
class Outcome:
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


def dumps(outcome: Outcome) -> bytes:
    """An outcome as JSON."""
    return orjson.dumps(outcome, default=list)


def loads(body: bytes) -> Outcome:
    """The outcome of such JSON. Raises ValueError, KeyError or TypeError if it is none."""
    data = orjson.loads(body)
    candidates = (Candidate(finding(each["finding"]), frozenset((path, number) for path, number in each["homes"])) for each in data["candidates"])
    gaps, waiting = (Incomplete(**gap) for gap in data["gaps"]), (Pending(**each) for each in data["pending"])
    lists = {"candidates": tuple(candidates), "gaps": tuple(gaps), "pending": tuple(waiting), "graph": tuple(map(node, data["graph"]))}
    return Outcome(**{**data, **lists, "requests": Requests(**data["requests"]), "outline": _outline(data["outline"])})


def _outline(data: Mapping[str, Any]) -> Outline:
    things = tuple(
        Thing(group, ref, own, reconciler, tuple(presence), tuple(Part(tuple(scope), *digests) for scope, *digests in parts))
        for group, ref, own, reconciler, presence, parts in data["things"]
    )
    versions = tuple(Version(*each) for each in data["versions"])
    return Outline(things, versions, tuple(Reference(*each) for each in data["references"]), tuple(data["unknown"]), tuple(data["waiting"]))
