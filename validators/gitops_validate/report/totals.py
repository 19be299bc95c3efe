"""The last line of the report for a person."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_validate.model.finding import Severity
from gitops_validate.model.report import Report
from gitops_validate.report.look import Look, Role

_PLAIN = Look()
_WORDS: dict[Severity, tuple[str, Role]] = {
    Severity.ERROR: ("error", "error"),
    Severity.WARNING: ("warning", "warning"),
    Severity.INFO: ("note", "info"),
}


def totals(report: Report, look: Look) -> str:
    """How much was found, in how much, and how much of it could not be checked."""
    return " · ".join(part for part in (_found(report, look), extent(report, look)) if part)


def extent(report: Report, look: Look = _PLAIN) -> str:
    """How much was looked at, and how much of it could not be checked or does not count."""
    return " · ".join(part for part in (_looked_at(report), _left(report, look)) if part)


def plural(number: int, word: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _found(report: Report, look: Look) -> str:
    words = [look.style(plural(count, word), role) for severity, (word, role) in _WORDS.items() if (count := report.count(severity))]
    found = ", ".join(words) or look.style("no findings", "good")
    environments = len(report.summary.environments)
    return f"{found} in {plural(environments, 'environment')}" if environments else found


def _looked_at(report: Report) -> str:
    summary = report.summary
    parts = [plural(summary.reconcilers, "reconciler")] if summary.environments else []
    parts += [plural(summary.objects, "object"), f"{summary.checked:,} checked"]
    return ", ".join(parts)


def _left(report: Report, look: Look) -> str:
    def parts() -> Iterator[str]:
        accepted = sum(1 for gap in report.incomplete if gap.accepted)
        if gaps := len(report.incomplete) - accepted:
            yield look.style(f"{gaps:,} not checked", "warning")
        if accepted:
            yield f"{plural(accepted, 'gap')} accepted"
        if report.excused:
            yield f"{len(report.excused):,} waived"
        if report.known:
            yield f"{len(report.known):,} in the baseline"
        if report.pending:
            yield f"{plural(len(report.pending), 'secret')} pending"
        if missing := report.summary.encrypted - report.summary.verified:
            yield f"{plural(missing, 'MAC')} not verified"
        if report.summary.since:
            yield f"{report.summary.known:,} known at {report.summary.since[:12]}"
        if report.summary.apart:
            yield "not compared with the other environments"

    return ", ".join(parts())
