"""GitLab's Code Quality: one array of issues, each with a fingerprint of its own.

Waived findings are not in it, as GitLab would show them as standing; what could not be checked is, as nothing else would tell of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, TextIO

from gitops_validate.model.finding import Finding, Incomplete, Severity
from gitops_validate.model.report import Report
from gitops_validate.report.escape import visible
from gitops_validate.report.json import dumps
from gitops_validate.report.look import Look

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}
_LONGEST = 1500


def write(report: Report, out: TextIO, _look: Look) -> None:
    """Write the array."""
    out.write(dumps([*map(_issue, report.findings), *_gaps(report)]))


def _issue(finding: Finding) -> dict[str, Any]:
    said = f"[{finding.environment}] {finding.message}" if finding.environment else finding.message
    text = f"{said} — {finding.fix}" if finding.fix else said
    return _entry(text, finding.rule, finding.fingerprint, SEVERITIES[finding.severity], finding.place.path, finding.place.line)


def _gaps(report: Report) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for gap in report.incomplete:
        if not gap.accepted and (known := _known(gap)) not in seen:
            seen.add(known)
            text = f"not checked: {gap.subject}: {gap.reason}"
            yield _entry(f"[{gap.environment}] {text}" if gap.environment else text, f"incomplete-{gap.what}", known, "major", gap.path, 0)


def _known(gap: Incomplete) -> str:
    """What tells a gap apart from others; its reason may name a line or a time, and does not count."""
    return sha256(repr((gap.what, gap.subject, gap.path, gap.environment)).encode()).hexdigest()


def _entry(text: str, rule: str, fingerprint: str, severity: str, path: str, line: int) -> dict[str, Any]:
    return {
        "type": "issue",
        "description": visible(text, _LONGEST),
        "check_name": visible(rule),
        "fingerprint": fingerprint,
        "severity": severity,
        "categories": ["Bug Risk"],
        "location": {"path": path or ".", "lines": {"begin": max(line, 1)}},
    }
