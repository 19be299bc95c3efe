"""SARIF 2.1.0, as GitLab takes it: one run, its rules with their pages, waived findings as suppressions, gaps as notifications."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TextIO
from urllib.parse import quote

from gitops_validate import __version__
from gitops_validate.model.finding import Finding, Incomplete, Severity
from gitops_validate.model.identity import ObjectRef
from gitops_validate.model.place import Place
from gitops_validate.model.report import Report
from gitops_validate.pages import markdown, why
from gitops_validate.report.escape import visible
from gitops_validate.report.json import dumps
from gitops_validate.report.look import Look
from gitops_validate.report.merged import worst_first
from gitops_validate.report.totals import plural
from gitops_validate.rule import Rule, rules

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RESULTS, LARGEST = 5000, 9_500_000
"""What GitLab takes of a run: as many results, and 10 MB."""
_MESSAGE, _DESCRIPTION, _TITLE = 2000, 2048, 1024
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def write(report: Report, out: TextIO, _look: Look) -> None:
    """Write the log; of what GitLab would refuse for its size, the least bad is left out, and a notification says so."""
    found = worst_first(report.findings) + list(report.waived)
    kept = found[:RESULTS]
    while len((text := dumps(_log(report, kept, len(found)))).encode()) > LARGEST and kept:
        kept = kept[: len(kept) * 3 // 4]
    out.write(text)


def _log(report: Report, kept: Sequence[Finding], found: int) -> dict[str, Any]:
    known = [*rules().values()]
    index = {rule.id: number for number, rule in enumerate(known)}
    run = {
        "tool": {"driver": {"name": "gitops-validate", "version": __version__, "semanticVersion": __version__, "rules": list(map(_rule, known))}},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report, found - len(kept))],
        "results": [_result(finding, index) for finding in kept],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title[:_TITLE]},
        "fullDescription": {"text": why(rule)[:_DESCRIPTION] or rule.title},
        "help": {"text": why(rule) or rule.title, "markdown": markdown(rule)},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": [rule.category, *(["security"] if rule.category == "secrets" else [])]},
    }


def _result(finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    text = f"{finding.message} — {finding.fix}" if finding.fix else finding.message
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": LEVELS[finding.severity],
        "message": {"text": visible(f"[{finding.environment}] {text}" if finding.environment else text, _MESSAGE)},
        "locations": [_location(finding.place, finding.object)],
        "partialFingerprints": {"gitopsValidate/v1": finding.fingerprint},
        "properties": {
            "environment": finding.environment,
            "reconciler": finding.reconciler,
            "field": finding.field,
            "precision": finding.place.precision,
        },
    }
    if finding.rule in index:
        result["ruleIndex"] = index[finding.rule]
    if finding.waived:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": visible(finding.waived, _MESSAGE)}]
    return result


def _location(place: Place, ref: ObjectRef | None) -> dict[str, Any]:
    """Where it is. GitLab wants a line for each result; the first one stands for a line that is not known."""
    region = {"startLine": max(place.line, 1)}
    if place.line and place.column:
        region |= {"startColumn": place.column, **({"endColumn": place.end} if place.end > place.column else {})}
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": uri(place.path)}, "region": region}}
    return location | ({"logicalLocations": [{"fullyQualifiedName": str(ref), "kind": "object"}]} if ref else {})


def uri(path: str) -> str:
    """A path as a relative reference: nothing in it is a scheme, a host or a query."""
    text = quote(path.encode("utf-8", "backslashreplace"), safe="/-._~+@,=")
    return "./" + text.lstrip("/") if not text or text.startswith("/") else text


def _invocation(report: Report, cut: int) -> dict[str, Any]:
    """How the run went: what could not be checked is no success."""
    notes = [*map(_gap, report.incomplete), *_pending(report)]
    if cut:
        said = f"{plural(cut, 'finding')} left out, as GitLab takes {RESULTS:,} results and 10 MB: --format json has all"
        notes.insert(0, {"level": "warning", "descriptor": {"id": "cut"}, "message": {"text": said}})
    return {"executionSuccessful": all(gap.accepted for gap in report.incomplete), "toolExecutionNotifications": notes}


def _gap(gap: Incomplete) -> dict[str, Any]:
    said = f"accepted: {gap.subject}: {gap.accepted}" if gap.accepted else f"not checked: {gap.subject}: {gap.reason}"
    note: dict[str, Any] = {
        "level": "note" if gap.accepted else "error",
        "descriptor": {"id": visible(gap.what)},
        "message": {"text": visible(f"[{gap.environment}] {said}" if gap.environment else said, _MESSAGE)},
    }
    return note | ({"locations": [_location(Place(gap.path), None)]} if gap.path else {})


def _pending(report: Report) -> Iterator[dict[str, Any]]:
    for pending in report.pending:
        text = visible(f"[{pending.environment}] the secret {pending.name} waits for a person", _MESSAGE)
        yield {"level": "note", "descriptor": {"id": "pending"}, "message": {"text": text}}
