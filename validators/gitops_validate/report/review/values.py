"""A review from the values that `json` has written: all that any format tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_validate.model.change import ABSENT, Change, EnvironmentReview, FieldChange, Impact, Level, Review
from gitops_validate.model.finding import Finding, Incomplete, Severity
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.place import Place
from gitops_validate.model.render import Origin, RenderedObject
from gitops_validate.model.requests import Requests
from gitops_validate.report.json import explained


def review_of(data: Mapping[str, Any]) -> Review:
    """From values that the schema accepts. Levels and counts are worked out again: what the values say of them is not believed."""
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
        tuple(data.get("order", ())),
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
