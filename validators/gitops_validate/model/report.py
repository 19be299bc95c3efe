"""The outcome of a run, as every reporter reads it."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct
from msgspec.structs import replace

from gitops_validate.model.finding import BASELINE, Finding, Incomplete, Pending, Severity
from gitops_validate.model.graph import Node


class Summary(Struct, frozen=True):
    """Counts of what was looked at."""

    environments: tuple[str, ...]
    reconcilers: int
    objects: int
    checked: int
    """Rendered objects that the API server's rules gave a verdict on."""
    files: int = 0
    fail_level: Severity = Severity.ERROR
    """The least severity that fails the run, as the configuration has it."""
    known: int = 0
    """Findings that are left out because they were there at the commit `since`."""
    since: str = ""
    apart: bool = False
    """Whether environments were left out that these would have been held against."""
    encrypted: int = 0
    """Encrypted files, and below those of them whose MAC was verified with a key."""
    verified: int = 0


class Report(Struct, frozen=True):
    """Sorted, so that two runs over the same content are byte-identical."""

    summary: Summary
    findings: tuple[Finding, ...] = ()
    waived: tuple[Finding, ...] = ()
    """Findings that a waiver covers, and those that the baseline has."""
    incomplete: tuple[Incomplete, ...] = ()
    pending: tuple[Pending, ...] = ()
    graph: tuple[Node, ...] = ()
    """The reconcilers of each environment, those that come first before those that wait for them."""

    def failing_at(self, level: Severity) -> Report:
        """The same with another fail level."""
        return replace(self, summary=replace(self.summary, fail_level=level))

    @property
    def excused(self) -> tuple[Finding, ...]:
        """Findings that a waiver covers: each has a reason that somebody gave."""
        return tuple(finding for finding in self.waived if finding.waived != BASELINE)

    @property
    def known(self) -> tuple[Finding, ...]:
        """Findings that the baseline has."""
        return tuple(finding for finding in self.waived if finding.waived == BASELINE)

    def count(self, severity: Severity) -> int:
        """How many findings have just this severity."""
        return Counter(finding.severity for finding in self.findings)[severity]

    def exit_code(self, fail_level: Severity, *, exit_zero: bool = False) -> int:
        """0 clean, 1 findings at or above `fail_level`, 3 something could not be checked; 1 beats 3, `exit_zero` turns only 1 into 0."""
        if any(finding.severity >= fail_level for finding in self.findings) and not exit_zero:
            return 1
        return 3 if any(not gap.accepted for gap in self.incomplete) else 0
