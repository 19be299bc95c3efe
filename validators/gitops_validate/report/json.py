"""The report for machines: `version: 1`, described by `report.schema.json`; the same content gives the same bytes."""

from __future__ import annotations

import re
from typing import Any, TextIO

import orjson

from gitops_validate.model.finding import Finding, Incomplete, Pending, Severity
from gitops_validate.model.identity import ObjectRef
from gitops_validate.model.report import Report
from gitops_validate.report.look import Look

VERSION = 1
_UNSEEN = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def write(report: Report, out: TextIO, _look: Look) -> None:
    """Write the report as indented JSON."""
    out.write(dumps(as_values(report)))


def dumps(values: Any) -> str:
    """JSON with sorted keys, in which nothing is left that a terminal would act upon."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    try:
        text = orjson.dumps(values, option=options).decode()
    except TypeError:  # a lone surrogate: a file name that is not UTF-8
        text = orjson.dumps(_encodable(values), option=options).decode()
    return _UNSEEN.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def as_values(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "version": VERSION,
        "summary": _summary(report),
        "findings": sorted(map(finding_values, report.findings), key=_order),
        "waived": sorted((finding_values(finding) | {"waiver": finding.waived} for finding in report.waived), key=_order),
        "incomplete": [incomplete_values(gap) for gap in sorted(report.incomplete)],
        "pending": [_pending(pending) for pending in sorted(report.pending)],
    }


def _summary(report: Report) -> dict[str, Any]:
    summary = report.summary
    accepted = sum(1 for gap in report.incomplete if gap.accepted)
    return {
        "findings": {severity.label: report.count(severity) for severity in Severity},
        "environments": sorted(summary.environments),
        "reconcilers": summary.reconcilers,
        "objects": summary.objects,
        "checked": summary.checked,
        "files": summary.files,
        "incomplete": len(report.incomplete) - accepted,
        "accepted": accepted,
        "waived": len(report.excused),
        "baseline": len(report.known),
        "pending": len(report.pending),
        "known": summary.known,
        "since": summary.since,
        "encrypted": summary.encrypted,
        "verified": summary.verified,
        "failLevel": Severity(summary.fail_level).label,
    }


def finding_values(finding: Finding) -> dict[str, Any]:
    """A finding as plain values."""
    place = finding.place
    return {
        "rule": finding.rule,
        "severity": finding.severity.label,
        "message": finding.message,
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "precision": place.precision,
        "environment": finding.environment,
        "reconciler": finding.reconciler,
        "object": object_values(finding.object),
        "field": finding.field,
        "fingerprint": finding.fingerprint,
        "help": finding.fix or explained(finding.rule),
        "page": page(finding.rule),
    }


def explained(rule: str) -> str:
    """What to type where a finding does not say what to do."""
    return f"gitops-validate explain {rule}"


def page(rule: str) -> str:
    """Where the page of a rule stands in this project's documentation; "" for a rule that is not known here."""
    from gitops_validate.pages import link  # noqa: PLC0415 - rules take a moment to import, and a report without findings needs none
    from gitops_validate.rule import rules  # noqa: PLC0415

    return link(rules()[rule]) if rule in rules() else ""


def object_values(ref: ObjectRef | None) -> dict[str, str] | None:
    """An identity as plain values."""
    if ref is None:
        return None
    return {"apiVersion": ref.api_version, "kind": ref.kind, "namespace": ref.namespace, "name": ref.name}


def incomplete_values(gap: Incomplete) -> dict[str, str]:
    """A gap as plain values."""
    return {
        "what": gap.what,
        "subject": gap.subject,
        "reason": gap.reason,
        "path": gap.path,
        "environment": gap.environment,
        "accepted": gap.accepted,
    }


def _pending(pending: Pending) -> dict[str, str]:
    return {"name": pending.name, "environment": pending.environment, "path": pending.path, "reason": pending.reason}


def _order(finding: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(finding[key] for key in ("path", "line", "column", "rule", "environment", "reconciler", "message", "field", "fingerprint"))


def _encodable(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {_encodable(key): _encodable(item) for key, item in value.items()}
        case list():
            return [_encodable(item) for item in value]
    return value
