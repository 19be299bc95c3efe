"""What was found in one environment, before waivers: a value that can be kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gitops_validate.model.finding import Finding, Incomplete, Severity
from gitops_validate.model.identity import ObjectRef
from gitops_validate.model.place import Place
from gitops_validate.waivers import Candidate

PASSING = frozenset({"engine", "chart", "rule"})
"""Gaps that another run may not have: an engine that failed, a chart out of reach."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rules found in one environment, what could not be checked of it, and how much there was of it."""

    environment: str
    candidates: tuple[Candidate, ...]
    gaps: tuple[Incomplete, ...]
    reconcilers: int
    objects: int
    checked: int
    whole: bool
    """Whether everything in it was rendered."""


def lasts(gaps: Iterable[Incomplete]) -> bool:
    """Whether the next run over the same content would have the same gaps, so that what has them may be kept."""
    return all(gap.what not in PASSING for gap in gaps)


def dumps(outcome: Outcome) -> bytes:
    """An outcome as JSON."""
    return orjson.dumps(outcome, default=list)


def loads(body: bytes) -> Outcome:
    """The outcome of such JSON. Raises ValueError, KeyError or TypeError if it is none."""
    data = orjson.loads(body)
    candidates = (Candidate(finding(each["finding"]), frozenset((path, number) for path, number in each["homes"])) for each in data["candidates"])
    return Outcome(**{**data, "candidates": tuple(candidates), "gaps": tuple(Incomplete(**gap) for gap in data["gaps"])})


def finding(data: Mapping[str, Any]) -> Finding:
    """A finding of such JSON."""
    ref = ObjectRef(*data["object"]) if data["object"] else None
    return Finding(**{**data, "severity": Severity(data["severity"]), "place": Place(**data["place"]), "object": ref})
