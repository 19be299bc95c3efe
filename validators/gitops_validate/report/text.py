"""The report for a person: each finding with its line, what to do about it, and where it applies; then what could not be checked; then the sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TextIO

from gitops_validate.model.finding import Finding, Incomplete, Severity
from gitops_validate.model.report import Report
from gitops_validate.report.escape import visible
from gitops_validate.report.excerpt import Source
from gitops_validate.report.look import Look, Role
from gitops_validate.report.merged import by_file, gaps_together, merged, spot, where
from gitops_validate.report.totals import totals

_LONGEST, _MANY = 1000, 50
_MARGIN, _NARROWEST = 8, 20
"""Columns before a line of a file, and what is left of it at least."""
_ROLES: dict[Severity, Role] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}


def write(report: Report, out: TextIO, look: Look) -> None:
    """Write the whole report."""
    out.writelines(line + "\n" for line in lines(report, look))


def lines(report: Report, look: Look) -> Iterator[str]:
    """The report, line by line."""
    source = lru_cache(maxsize=8)(lambda path: _source(path, look))
    for path, findings in by_file(report.findings):
        for same in findings:
            yield from _finding(same, source(path), look)
        yield ""
    yield from _gaps("not checked", [gap for gap in report.incomplete if not gap.accepted], look)
    if look.quiet:
        return
    yield from _gaps("not checked, and accepted", [gap for gap in report.incomplete if gap.accepted], look)
    yield from _waived(report, look)
    yield from _pending(report, look)
    yield totals(report, look)


def _source(path: str, look: Look) -> Source | None:
    text = look.source(path) if path else None
    return Source(text) if text is not None else None


def _finding(same: Sequence[Finding], source: Source | None, look: Look) -> Iterator[str]:
    first = same[0]
    severity = look.style(first.severity.label, _ROLES[first.severity])
    rule = look.style(f"[{visible(first.rule)}]", "dim")
    yield f"{look.style(visible(spot(first)), 'path')}: {severity}: {visible(first.message, _LONGEST)} {rule}"
    width = max(look.width - _MARGIN, _NARROWEST)
    shown = source.excerpt(first.place.line, first.place.column, first.place.end, width) if source and first.place.line else None
    if shown:
        number = f"{shown.line:>5}"
        yield f"{look.style(f'{number} |', 'dim')} {shown.text}"
        if shown.marks:
            yield f"{look.style('      |', 'dim')} {look.style(shown.marks, _ROLES[first.severity])}"
    for word, text in _notes(same):
        yield f"      {look.style('=', 'dim')} {word}: {visible(text, _LONGEST)}"


def _notes(same: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    first = same[0]
    if first.object and (not first.place.line or first.place.precision not in ("field", "object")):
        yield "object", str(first.object)
    if first.fix:
        yield "fix", first.fix
    if applies := where(same):
        yield "in", applies


def _gaps(title: str, gaps: Sequence[Incomplete], look: Look) -> Iterator[str]:
    if not gaps:
        return
    yield look.style(f"{title}:", "warning")
    for gap, environments in gaps_together(gaps):
        yield f"  {visible(gap.subject)}: {visible(gap.accepted or gap.reason, _LONGEST)} {look.style(f'[{visible(gap.what)}]', 'dim')}"
        named = ", ".join(environments)
        if place := f"{named} ({gap.path})" if named and gap.path else named or gap.path:
            yield f"      {look.style('=', 'dim')} in: {visible(place)}"
    yield ""


def _waived(report: Report, look: Look) -> Iterator[str]:
    if not report.excused:
        return
    yield look.style("waived:", "info")
    listed = list(merged(report.excused))
    for same in listed[:_MANY]:
        first, applies = same[0], where(same)
        tail = f" ({visible(applies)})" if applies else ""
        rule = look.style(f"[{visible(first.rule)}]", "dim")
        yield f"  {visible(spot(first))}: {visible(first.message, _LONGEST)}{tail} {rule}"
        yield f"      {look.style('=', 'dim')} because: {visible(first.waived, _LONGEST)}"
    yield from _more(listed)
    yield ""


def _more(listed: Sequence[object]) -> Iterator[str]:
    if len(listed) > _MANY:
        yield f"  and {len(listed) - _MANY:,} more"


def _pending(report: Report, look: Look) -> Iterator[str]:
    if not report.pending:
        return
    yield look.style("pending secrets:", "info")
    waiting: dict[tuple[str, str], list[str]] = {}
    for pending in report.pending:
        waiting.setdefault((pending.name, pending.reason), []).append(pending.environment)
    listed = list(waiting.items())
    for (name, reason), environments in listed[:_MANY]:
        yield f"  {visible(name)} in {visible(', '.join(environments))}{f': {visible(reason, _LONGEST)}' if reason else ''}"
    yield from _more(listed)
    yield ""
