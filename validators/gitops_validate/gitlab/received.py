"""A review as another job has written it, read as what it is: an artifact of whoever opened the merge request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from gitops_validate.errors import UsageError
from gitops_validate.faults import REVIEW, faults
from gitops_validate.model.change import ABSENT, Change, EnvironmentReview, FieldChange, Impact, Level, Review
from gitops_validate.model.finding import Finding, Incomplete, Severity, order
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.place import Place
from gitops_validate.model.render import Origin, RenderedObject
from gitops_validate.model.requests import Requests
from gitops_validate.report.json import explained

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
    return _review(data)


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
    unread = set.intersection(*(set(review.unread) for review in every))
    return Review(
        every[0].base,
        every[0].head,
        tuple(environments[name] for name in sorted(environments)),
        tuple(dict.fromkeys(chain.from_iterable(review.repository for review in every))),
        tuple(sorted(set(chain.from_iterable(review.brought for review in every)), key=order)),
        tuple(sorted(set(chain.from_iterable(review.removed for review in every)), key=order)),
        tuple(dict.fromkeys((*chain.from_iterable(review.incomplete for review in every), *map(_gap, missing)))),
        dict(sorted(chain.from_iterable(review.files.items() for review in every))),
        tuple(sorted(unread)),
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


def _review(data: Mapping[str, Any]) -> Review:
    """From values that the schema accepted. Levels and counts are worked out again: what the file says of them is not believed."""
    return Review(
        data["base"],
        data["head"],
        tuple(map(_environment, data["environments"])),
        tuple(map(_impact, data["repository"])),
        tuple(map(_finding, data["findings"]["brought"])),
        tuple(map(_finding, data["findings"]["removed"])),
        tuple(Incomplete(**gap) for gap in data["incomplete"]),
        data["files"],
        tuple(data["unread"]),
        tuple(data.get("others", ())),
    )


def _environment(data: Mapping[str, Any]) -> EnvironmentReview:
    before, after = (Requests(**data["requests"][side]) if data["requests"] else None for side in ("before", "after"))
    impacts, changes = tuple(map(_impact, data["impacts"])), tuple(_change(each, data["name"]) for each in data["changes"])
    return EnvironmentReview(data["name"], data["state"], changes, impacts, tuple(data["unknown"]), before, after)


def _change(data: Mapping[str, Any], environment: str) -> Change:
    thing = _thing(data["object"] or _NOTHING, data, environment)
    former = _thing(data["former"], data, environment) if data["former"] else thing
    fields = tuple(map(_field, data["fields"]))
    before = None if data["action"] == "added" else former
    return Change(
        data["action"],
        before,
        None if data["action"] == "removed" else thing,
        fields,
        tuple(map(_impact, data["impacts"])),
        (data["shown"].get("before", ABSENT), data["shown"].get("after", ABSENT)) if "shown" in data else (ABSENT, ABSENT),
        data["expected"],
    )


def _field(data: Mapping[str, Any]) -> FieldChange:
    return FieldChange(data["path"], data.get("before", ABSENT), data.get("after", ABSENT), data["noise"], expected=data["expected"])


_NOTHING = {"apiVersion": "", "kind": "", "namespace": "", "name": ""}


def _thing(named: Mapping[str, str], data: Mapping[str, Any], environment: str) -> RenderedObject:
    kind, _, rest = data["reconciler"].partition("/")
    namespace, _, name = rest.rpartition("/")
    return RenderedObject(_ref(named), b"{}", Origin(data["path"]), ReconcilerRef(kind, namespace, name), environment)


def _ref(named: Mapping[str, str]) -> ObjectRef:
    return ObjectRef(named["apiVersion"], named["kind"], named["namespace"], named["name"])


def _impact(data: Mapping[str, Any]) -> Impact:
    return Impact(Level[data["level"].upper()], data["kind"], data["message"], _ref(data["object"]) if data["object"] else None, data["field"])


def _finding(data: Mapping[str, Any]) -> Finding:
    rule, told, named = data["rule"], data.get("help", ""), data.get("object")
    return Finding(
        rule,
        Severity[data["severity"].upper()],
        data["message"],
        Place(data["path"], data["line"], data.get("column", 0), precision=data.get("precision", "field")),
        data.get("fingerprint", ""),
        "" if told == explained(rule) else told,
        data["environment"],
        data.get("reconciler", ""),
        _ref(named) if named else None,
        data.get("field", ""),
    )
