"""Reports: values in, text out. A format is a module with a function `write`."""

from __future__ import annotations

from importlib import import_module
from typing import TextIO

from msgspec.structs import replace

from gitops_validate.model.finding import Finding, Incomplete
from gitops_validate.model.report import Report
from gitops_validate.report.look import Look
from gitops_validate.report.secrecy import scrubbed

FORMATS = ("text", "json", "junit", "codeclimate", "sarif", "markdown", "html")


def write(name: str, report: Report, out: TextIO, look: Look) -> None:
    """Write a report in the format of that name. Whatever the format, no private key or password that a message quotes gets out."""
    import_module(f"gitops_validate.report.{name}").write(_without_secrets(report), out, look)


def _without_secrets(report: Report) -> Report:
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
