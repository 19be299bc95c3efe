"""Markdown for the note of a merge request: the sum first, then the findings of each environment, folded.

Everything is an HTML block, in which Markdown has no meaning, and everything from the repository stands in `<code>`, where GitLab looks for no
mention, reference or command; no line begins with it. GitLab takes 1,000,000 characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TextIO

from gitops_validate.model.finding import Finding, Incomplete, Severity
from gitops_validate.model.report import Report
from gitops_validate.report.escape import visible
from gitops_validate.report.look import Look, plain
from gitops_validate.report.merged import Same, counts, environments, gaps_together, merged, spot, where
from gitops_validate.report.totals import plural, totals

LARGEST = 990_000
_LONGEST, _MANY = 600, 500
WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
MARKS = {Severity.ERROR: "🔴", Severity.WARNING: "🟡", Severity.INFO: "🔵"}


def write(report: Report, out: TextIO, _look: Look) -> None:
    """Write the note; sections that do not fit are left out, and the end says so."""
    left, cut = LARGEST, 0
    for part in _parts(report):
        left -= len(part)
        if left > 0:
            out.write(part)
        else:
            cut += 1
    if cut:
        out.write(f"\n<p>{plural(cut, 'section')} left out, as a note holds 1,000,000 characters: --format html has all.</p>\n")


def _parts(report: Report) -> Iterator[str]:
    yield f"## gitops-validate: {_verdict(report)}\n\n{escape(totals(report, Look(plain)))}\n\n"
    if report.findings:
        yield _overview(report)
    for scope, several in _scopes(report.findings):
        yield _section(f"<b>{scope}</b>: {_sum([each for same in several for each in same])}", _rows(several))
    yield from _gaps("not checked", [gap for gap in report.incomplete if not gap.accepted])
    yield from _gaps("not checked, and accepted", [gap for gap in report.incomplete if gap.accepted])
    if report.excused:
        yield _section(f"<b>waived</b>: {len(report.excused):,}", _rows(list(merged(report.excused))))
    if report.pending:
        rows = [f"<tr><td>{code(each.environment)}</td><td>{code(each.name)}</td><td>{code(each.reason)}</td></tr>" for each in report.pending]
        yield _section(f"<b>secrets that wait for a person</b>: {len(report.pending):,}", rows)


def _verdict(report: Report) -> str:
    gaps = any(not gap.accepted for gap in report.incomplete)
    fails = any(finding.severity >= report.summary.fail_level for finding in report.findings)
    return "❌ fails" if fails else "⚠️ not everything could be checked" if gaps else "✅ passes"


def _overview(report: Report) -> str:
    """How much was found in each environment."""
    named = sorted({finding.environment for finding in report.findings} | set(report.summary.environments))
    head = "".join(f"<th>{MARKS[severity]} {WORDS[severity]}s</th>" for severity in sorted(Severity, reverse=True))
    rows = [f"<tr><th></th>{head}</tr>"]
    for name in named:
        numbers = counts(finding for finding in report.findings if finding.environment == name).values()
        rows.append(f"<tr><td>{code(name) if name else 'any environment'}</td>" + "".join(f"<td>{number:,}</td>" for number in numbers) + "</tr>")
    return "<table>\n" + "\n".join(rows) + "\n</table>\n\n"


def _scopes(findings: Iterable[Finding]) -> Iterator[tuple[str, list[Same]]]:
    """Findings by the environments that they are in."""
    scopes: dict[tuple[str, ...], list[Same]] = {}
    for same in merged(findings):
        scopes.setdefault(environments(same), []).append(same)
    for names, several in sorted(scopes.items()):
        yield ", ".join(map(code, names)) or "any environment", several


def _sum(findings: Sequence[Finding]) -> str:
    return ", ".join(plural(number, WORDS[severity]) for severity, number in counts(findings).items() if number)


def _rows(several: Sequence[Same]) -> list[str]:
    worst = sorted(several, key=lambda same: -same[0].severity)
    more = [f"<tr><td colspan=2>and {len(worst) - _MANY:,} more</td></tr>"] if len(worst) > _MANY else []
    return ["<tr><th></th><th>what</th></tr>", *map(_row, worst[:_MANY]), *more]


def _row(same: Same) -> str:
    """A finding in one wide cell: a path or the name of a rule in a column of its own would have a few letters a line."""
    first = same[0]
    said = [code(first.message), f"{code(spot(first))} {code(first.rule)}"]
    said += [f"fix: {code(first.fix)}"] if first.fix else []
    said += [f"in: {code(where(same))}"] if where(same) else []
    said += [f"waived because: {code(first.waived)}"] if first.waived else []
    mark = f"{MARKS[first.severity]} {WORDS[first.severity]}"
    return f"<tr><td>{mark}</td><td>{'<br>'.join(said)}</td></tr>"


def _gaps(title: str, gaps: Sequence[Incomplete]) -> Iterator[str]:
    if gaps:
        listed = gaps_together(gaps)
        more = [f"<tr><td>and {len(listed) - _MANY:,} more</td></tr>"] if len(listed) > _MANY else []
        yield _section(f"<b>{title}</b>: {len(listed):,}", [*(_gap(gap, names) for gap, names in listed[:_MANY]), *more])


def _gap(gap: Incomplete, names: Sequence[str]) -> str:
    said = [f"{code(gap.subject)} {code(gap.what)}", code(gap.accepted or gap.reason)]
    said += [f"in: {', '.join(map(code, names))}"] if names else []
    return f"<tr><td>{'<br>'.join(said)}</td></tr>"


def _section(summary: str, rows: Sequence[str]) -> str:
    """One HTML block: without an empty line in it, it ends where it should."""
    return f"<details><summary>{summary}</summary>\n<table>\n" + "\n".join(rows) + "\n</table>\n</details>\n\n"


def code(text: str) -> str:
    """Text from the repository, as data."""
    return f"<code>{escape(visible(text, _LONGEST))}</code>" if text else ""
