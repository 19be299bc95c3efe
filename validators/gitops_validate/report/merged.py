"""What is the same in several environments is said once, with where it applies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from gitops_validate.model.finding import Finding, Incomplete, Severity

Same = tuple[Finding, ...]
"""Findings that only their environments and reconcilers tell apart."""


def merged(findings: Iterable[Finding]) -> Iterator[Same]:
    """Findings, those that are the same in several environments together; by place, and worse ones first."""
    same: dict[object, list[Finding]] = {}
    for finding in findings:
        key = (finding.place, -finding.severity, finding.rule, finding.message, finding.fix, finding.field)
        same.setdefault(key, []).append(finding)
    ordered = sorted(same.values(), key=lambda group: (group[0].place, -group[0].severity, group[0].rule, group[0].message))
    return (tuple(group) for group in ordered)


def gaps_together(gaps: Iterable[Incomplete]) -> list[tuple[Incomplete, tuple[str, ...]]]:
    """Gaps that only their environments tell apart, each once with those."""
    several: dict[tuple[str, str, str, str], list[Incomplete]] = {}
    for gap in gaps:
        several.setdefault((gap.what, gap.subject, gap.accepted or gap.reason, gap.path), []).append(gap)
    return [(same[0], tuple(sorted({gap.environment for gap in same} - {""}))) for same in several.values()]


def by_file(findings: Iterable[Finding]) -> Iterator[tuple[str, list[Same]]]:
    """Merged findings of each file, by its path."""
    for path, several in groupby(merged(findings), key=lambda same: same[0].place.path):
        yield path, list(several)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Errors before warnings before notes; otherwise in their order. What a limit cuts is the least bad."""
    return sorted(findings, key=lambda finding: -finding.severity)


def environments(same: Same) -> tuple[str, ...]:
    """The environments that it is found in; none if it is found whatever the environment."""
    return tuple(sorted({finding.environment for finding in same if finding.environment}))


def where(same: Sequence[Finding]) -> str:
    """The environments, and the reconciler behind each; one that all share is named once."""
    reconcilers = {finding.reconciler for finding in same}
    if len(reconcilers) == 1:
        named = ", ".join(sorted({finding.environment for finding in same if finding.environment}))
        return " ".join(part for part in (named, f"({same[0].reconciler})" if same[0].reconciler else "") if part)
    pairs = sorted({(finding.environment, finding.reconciler) for finding in same})
    return ", ".join(f"{environment} ({reconciler})" if reconciler else environment for environment, reconciler in pairs)


def spot(finding: Finding) -> str:
    """The file with line and column, as far as they are known."""
    place = finding.place
    return ":".join([place.path or "(no file)", *(str(number) for number in (place.line, place.column) if number)])


def counts(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many there are of each severity, worst first."""
    listed = [finding.severity for finding in findings]
    return {severity: listed.count(severity) for severity in sorted(Severity, reverse=True)}
