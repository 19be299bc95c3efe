"""JUnit: a suite for each environment, in it a case for each rule and reconciler that something was found of, and one for each reconciler that is clean.

What fails the run is a failure; what does not is told in the output of a case that passes. What could not be checked is an error, what somebody
accepted or waived is skipped. GitLab takes 30 MB and only the first of two cases of one name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TextIO
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct

from gitops_validate.model.finding import Finding, Severity
from gitops_validate.model.report import Report
from gitops_validate.report.escape import visible
from gitops_validate.report.look import Look
from gitops_validate.report.merged import spot, worst_first
from gitops_validate.report.totals import plural

LARGEST = 25_000_000
_LONGEST, _NAME, _MANY = 1000, 300, 100
NOWHERE = "repository"
"""The suite of what is found whatever the environment."""

State = Literal["passed", "failure", "error", "skipped"]


class Case(Struct, frozen=True):
    """A test case: what it is called, how it went, one line about it, and all that there is to say."""

    name: str
    state: State = "passed"
    message: str = ""
    body: str = ""


def write(report: Report, out: TextIO, _look: Look) -> None:
    """Write the document; what would make it too large is cut, and a case says so."""
    suites = [(name, list(_distinct(_cases(report, name)))) for name in _names(report)]
    kept = _within(suites)
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="gitops-validate">\n')
    out.writelines(_suite(name, cases) for name, cases in kept)
    out.write("</testsuites>\n")


def _names(report: Report) -> list[str]:
    named = {each.environment or NOWHERE for group in (report.findings, report.waived, report.incomplete, report.pending) for each in group}
    return [*([NOWHERE] if NOWHERE in named or not report.summary.environments else []), *sorted({*named, *report.summary.environments} - {NOWHERE})]


def _cases(report: Report, name: str) -> Iterator[Case]:
    """The cases of an environment, those that failed first."""
    environment = "" if name == NOWHERE else name
    here = [finding for finding in report.findings if finding.environment == environment]
    yield from _found(here, report.summary.fail_level)
    for gap in (gap for gap in report.incomplete if gap.environment == environment):
        state: State = "skipped" if gap.accepted else "error"
        yield Case(f"{gap.what}: {gap.subject}", state, f"accepted: {gap.accepted}" if gap.accepted else f"not checked: {gap.reason}")
    for finding in (finding for finding in report.waived if finding.environment == environment):
        yield Case(f"waived: {finding.rule} {spot(finding)}", "skipped", f"waived: {finding.waived}", finding.message)
    for pending in (pending for pending in report.pending if pending.environment == environment):
        yield Case(f"pending secret: {pending.name}", "skipped", pending.reason or "waits for a person")
    failing = {finding.reconciler for finding in here}
    for node in (node for node in report.graph if node.environment == environment and str(node.ref) not in failing):
        unclear = node.state in ("failed", "incomplete")
        yield Case(str(node.ref), "skipped", f"{node.state}: other cases say why") if unclear else Case(str(node.ref))
    if not here and not environment:
        yield Case("files")


def _found(findings: Iterable[Finding], level: Severity) -> Iterator[Case]:
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in worst_first(findings):
        groups.setdefault((finding.rule, finding.reconciler), []).append(finding)
    for (rule, reconciler), several in groups.items():
        fails = several[0].severity >= level
        title = several[0].message if len(several) == 1 else f"{plural(len(several), 'finding')}, the first: {several[0].message}"
        yield Case(f"{rule} {reconciler}".strip(), "failure" if fails else "passed", title, _body(several))


def _body(findings: list[Finding]) -> str:
    lines = [line for finding in findings[:_MANY] for line in _lines(finding)]
    more = len(findings) - _MANY
    return "\n".join([*lines, *([f"and {more:,} more, which --format json lists"] if more > 0 else [])])


def _lines(finding: Finding) -> Iterator[str]:
    yield f"{visible(spot(finding))}: {finding.severity.label}: {visible(finding.message, _LONGEST)}"
    if finding.fix:
        yield f"    fix: {visible(finding.fix, _LONGEST)}"


def _distinct(cases: Iterable[Case]) -> Iterator[Case]:
    """Each case under a name of its own: of two that are called the same, GitLab shows one."""
    seen: dict[str, int] = {}
    for case in cases:
        name = visible(case.name, _NAME)
        seen[name] = seen.get(name, 0) + 1
        yield Case(f"{name} ({seen[name]})" if seen[name] > 1 else name, case.state, case.message, case.body)


def _within(suites: list[tuple[str, list[Case]]]) -> list[tuple[str, list[Case]]]:
    """As many cases as fit, and one that says how many did not."""
    left = LARGEST
    kept: list[tuple[str, list[Case]]] = []
    for name, cases in suites:
        shown: list[Case] = []
        for case in cases:
            left -= len(_case(case, name).encode())
            if left > 0:
                shown.append(case)
        cut = len(cases) - len(shown)
        said = Case("report too large", "error", f"{plural(cut, 'case')} cut to stay below the 30 MB that GitLab reads: --format json has all")
        kept.append((name, [*shown, said] if cut else shown))
    return kept


def _suite(name: str, cases: list[Case]) -> str:
    number = {state: sum(case.state == state for case in cases) for state in ("failure", "error", "skipped")}
    counts = f'tests="{len(cases)}" failures="{number["failure"]}" errors="{number["error"]}" skipped="{number["skipped"]}"'
    return f"  <testsuite name={_quoted(name)} {counts}>\n" + "".join(_case(case, name) for case in cases) + "  </testsuite>\n"


def _case(case: Case, suite: str) -> str:
    start = f"    <testcase name={_quoted(case.name, 0)} classname={_quoted(suite)}"
    if case.state == "passed":
        return f"{start}><system-out>{escape(_shown(case.body))}</system-out></testcase>\n" if case.body else f"{start}/>\n"
    return f"{start}><{case.state} message={_quoted(case.message, _LONGEST)}>{escape(_shown(case.body))}</{case.state}></testcase>\n"


def _shown(body: str) -> str:
    return "\n".join(map(visible, body.split("\n")))


def _quoted(text: str, limit: int = _NAME) -> str:
    return quoteattr(visible(text, limit))
