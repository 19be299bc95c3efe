"""The report for a person: each finding with its line, what to do about it, and where it applies; then what could not be checked; then the sum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import TextIO

from gitops_validate.model.finding import Finding, Incomplete, Severity
from gitops_validate.model.report import Report
from gitops_validate.report.escape import visible
from gitops_validate.report.excerpt import Source
from gitops_validate.report.look import Look, Role
from gitops_validate.report.totals import totals

_LONGEST, _MANY = 1000, 50
_ROLES: dict[Severity, Role] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}


def write(report: Report, out: TextIO, look: Look) -> None:
    """Write the whole report."""
    out.writelines(line + "\n" for line in lines(report, look))


def lines(report: Report, look: Look) -> Iterator[str]:
    """The report, line by line."""
    source = lru_cache(maxsize=8)(lambda path: _source(path, look))
    for path, findings in groupby(_merged(report.findings), key=lambda same: same[0].place.path):
        for same in findings:
            yield from _finding(same, source(path), look)
        yield ""
    yield from _gaps("not checked", [gap for gap in report.incomplete if not gap.accepted], look)
    if look.quiet:
        return
    yield from _gaps("not checked, and accepted", [gap for gap in report.incomplete if gap.accepted], look)
    yield from _pending(report, look)
    yield totals(report, look)


def _source(path: str, look: Look) -> Source | None:
    text = look.source(path) if path else None
    return Source(text) if text is not None else None


def _merged(findings: Iterable[Finding]) -> Iterator[tuple[Finding, ...]]:
    """What is the same in several environments, once."""
    same: dict[object, list[Finding]] = {}
    for finding in findings:
        key = (finding.place, -finding.severity, finding.rule, finding.message, finding.fix, finding.field)
        same.setdefault(key, []).append(finding)
    ordered = sorted(same.values(), key=lambda group: (group[0].place, -group[0].severity, group[0].rule, group[0].message))
    return (tuple(group) for group in ordered)


def _finding(same: Sequence[Finding], source: Source | None, look: Look) -> Iterator[str]:
    first = same[0]
    severity = look.style(first.severity.label, _ROLES[first.severity])
    rule = look.style(f"[{visible(first.rule)}]", "dim")
    yield f"{look.style(_place(first), 'path')}: {severity}: {visible(first.message, _LONGEST)} {rule}"
    shown = source.excerpt(first.place.line, first.place.column, first.place.end) if source and first.place.line else None
    if shown:
        number = f"{shown.line:>5}"
        yield f"{look.style(f'{number} |', 'dim')} {shown.text}"
        if shown.marks:
            yield f"{look.style('      |', 'dim')} {look.style(shown.marks, _ROLES[first.severity])}"
    for word, text in _notes(same):
        yield f"      {look.style('=', 'dim')} {word}: {visible(text, _LONGEST)}"


def _place(finding: Finding) -> str:
    place = finding.place
    numbers = [str(number) for number in (place.line, place.column) if number]
    return ":".join([visible(place.path) or "(no file)", *numbers])


def _notes(same: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    first = same[0]
    if first.object and (not first.place.line or first.place.precision not in ("field", "object")):
        yield "object", str(first.object)
    if first.fix:
        yield "fix", first.fix
    if where := _where(same):
        yield "in", where


def _where(same: Sequence[Finding]) -> str:
    """The environments, and the reconciler behind each; one that all share is named once."""
    reconcilers = {finding.reconciler for finding in same}
    if len(reconcilers) == 1:
        environments = ", ".join(sorted({finding.environment for finding in same if finding.environment}))
        return " ".join(part for part in (environments, f"({same[0].reconciler})" if same[0].reconciler else "") if part)
    pairs = sorted({(finding.environment, finding.reconciler) for finding in same})
    return ", ".join(f"{environment} ({reconciler})" if reconciler else environment for environment, reconciler in pairs)


def _gaps(title: str, gaps: Sequence[Incomplete], look: Look) -> Iterator[str]:
    if not gaps:
        return
    yield look.style(f"{title}:", "warning")
    merged: dict[tuple[str, str, str, str], set[str]] = {}
    for gap in gaps:
        merged.setdefault((gap.what, gap.subject, gap.accepted or gap.reason, gap.path), set()).add(gap.environment)
    for (what, subject, reason, path), environments in merged.items():
        named = ", ".join(sorted(environments - {""}))
        tail = "".join(f" ({visible(part)})" for part in (path, named) if part)
        yield f"  {visible(subject)}: {visible(reason, _LONGEST)}{tail} {look.style(f'[{visible(what)}]', 'dim')}"
    yield ""


def _pending(report: Report, look: Look) -> Iterator[str]:
    if not report.pending:
        return
    yield look.style("pending secrets:", "info")
    merged: dict[tuple[str, str], list[str]] = {}
    for pending in report.pending:
        merged.setdefault((pending.name, pending.reason), []).append(pending.environment)
    for (name, reason), environments in list(merged.items())[:_MANY]:
        yield f"  {visible(name)} in {visible(', '.join(environments))}{f': {visible(reason, _LONGEST)}' if reason else ''}"
    if len(merged) > _MANY:
        yield f"  and {len(merged) - _MANY:,} more"
    yield ""
