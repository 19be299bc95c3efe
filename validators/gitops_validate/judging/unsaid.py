"""Failures that no rule has told of: they must not look like success."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitops_validate.model.finding import Finding, Incomplete, Severity
from gitops_validate.model.graph import Node

WHY = "it cannot be built, and nothing that was found says why: `gitops-validate graph` does"


def unsaid(nodes: Iterable[Node], findings: Iterable[Finding], gaps: Iterable[Incomplete]) -> Iterator[Incomplete]:
    """A gap for each reconciler that failed, where neither a finding of its own nor an error or a gap in its environment may explain it."""
    found = list(findings)
    own = {(each.environment, each.reconciler) for each in found}
    explained = {each.environment for each in found if each.severity is Severity.ERROR} | {gap.environment for gap in gaps}
    for node in nodes:
        if node.state == "failed" and not explained & {"", node.environment} and (node.environment, str(node.ref)) not in own:
            yield Incomplete("render", str(node.ref), WHY, environment=node.environment)
