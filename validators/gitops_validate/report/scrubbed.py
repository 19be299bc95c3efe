"""A report whose sentences quote no private key and no password."""

from __future__ import annotations

from msgspec.structs import replace

from gitops_validate.model.finding import Finding, Incomplete
from gitops_validate.model.report import Report
from gitops_validate.report.secrecy import scrubbed


def without_secrets(report: Report) -> Report:
    """The same report, in whose messages, fixes and reasons the engine's libraries may have quoted what they refused."""
    return replace(
        report,
        findings=tuple(map(_finding, report.findings)),
        waived=tuple(map(_finding, report.waived)),
        incomplete=tuple(map(_gap, report.incomplete)),
    )


def _finding(finding: Finding) -> Finding:
    return replace(finding, message=scrubbed(finding.message), fix=scrubbed(finding.fix), waived=scrubbed(finding.waived))


def _gap(gap: Incomplete) -> Incomplete:
    return replace(gap, subject=scrubbed(gap.subject), reason=scrubbed(gap.reason), accepted=scrubbed(gap.accepted))
