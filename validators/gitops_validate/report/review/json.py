"""The review for machines: `version: 1`, described by `review.schema.json`; the same content gives the same bytes."""

from __future__ import annotations

from typing import Any, TextIO

from gitops_validate.model.change import ABSENT, Change, EnvironmentReview, FieldChange, Impact, Review
from gitops_validate.model.finding import Finding
from gitops_validate.model.requests import Requests
from gitops_validate.report.json import dumps, finding_values, incomplete_values, object_values
from gitops_validate.report.look import Look
from gitops_validate.report.review.told import name

VERSION = 1


def write(review: Review, out: TextIO, _look: Look) -> None:
    """Write the review as indented JSON."""
    out.write(dumps(as_values(review)))


def as_values(review: Review) -> dict[str, Any]:
    """The review as plain values."""
    return {
        "version": VERSION,
        "base": review.base,
        "head": review.head,
        "level": review.level.label,
        "environments": [_environment(each) for each in review.environments],
        "repository": [_impact(impact) for impact in review.repository],
        "findings": {"brought": _findings(review.brought), "removed": _findings(review.removed)},
        "incomplete": [incomplete_values(gap) for gap in sorted(review.incomplete)],
        "files": dict(review.files),
        "unread": list(review.unread),
        "others": list(review.others),
        "order": list(review.order),
    }


def _environment(environment: EnvironmentReview) -> dict[str, Any]:
    return {
        "name": environment.name,
        "state": environment.state,
        "level": environment.level.label,
        "impacts": [_impact(impact) for impact in environment.impacts],
        "changes": [_change(change) for change in environment.changes],
        "unknown": list(environment.unknown),
        "requests": _asked(environment.before, environment.after),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "action": change.action,
        "object": {**(object_values(change.ref) or {}), "name": name(change)},
        "former": object_values(change.before.ref) if change.action == "renamed" and change.before else None,
        "reconciler": str(change.reconciler),
        "path": change.subject.origin.path,
        "level": change.level.label,
        "noise": change.noise,
        "expected": change.expected,
        "fields": [_field(field) for field in change.fields],
        "shown": _sides(*change.shown),
        "impacts": [_impact(impact) for impact in change.impacts],
    }


def _field(field: FieldChange) -> dict[str, Any]:
    return {"path": field.path, "noise": field.noise, "expected": field.expected, **_sides(field.before, field.after)}


def _sides(before: Any, after: Any) -> dict[str, Any]:
    return {side: value for side, value in (("before", before), ("after", after)) if value is not ABSENT}


def _impact(impact: Impact) -> dict[str, Any]:
    named = object_values(impact.object)
    return {"level": impact.level.label, "kind": impact.kind, "message": impact.message, "object": named, "field": impact.field}


def _asked(before: Requests | None, after: Requests | None) -> dict[str, dict[str, float]] | None:
    return {"before": _requests(before), "after": _requests(after)} if before and after else None


def _requests(requests: Requests) -> dict[str, float]:
    return {"cpu": round(requests.cpu, 3), "memory": round(requests.memory), "storage": round(requests.storage)}


def _findings(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    return [finding_values(finding) for finding in findings]
