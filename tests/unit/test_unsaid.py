"""A reconciler that failed without a word of why is a gap: a report never passes for clean because a rule was silent."""

from __future__ import annotations

import pytest

from gitops_validate.judging.unsaid import unsaid
from gitops_validate.model.finding import Finding, Incomplete, Severity
from gitops_validate.model.graph import Node
from gitops_validate.model.identity import ReconcilerRef
from gitops_validate.model.place import Place

APPS = ReconcilerRef("Kustomization", "flux-system", "apps")
FAILED = Node("dev", APPS, "", (), "", 0, "failed")


def finding(severity: Severity, environment: str, reconciler: str = "") -> Finding:
    return Finding("some-rule", severity, "a message", Place("apps/a.yaml", 1, 1), "", environment=environment, reconciler=reconciler)


def test_a_failure_that_nothing_was_said_of_is_a_gap() -> None:
    elsewhere = [finding(Severity.ERROR, "prod"), finding(Severity.WARNING, "dev")]
    (gap,) = unsaid([FAILED], elsewhere, [Incomplete("chart", "HelmRelease/a/b", "offline", environment="prod")])
    assert (gap.what, gap.subject, gap.environment) == ("render", str(APPS), "dev")


@pytest.mark.parametrize(
    ("findings", "gaps"),
    [
        ([finding(Severity.ERROR, "dev")], []),
        ([finding(Severity.ERROR, "")], []),
        ([finding(Severity.WARNING, "dev", str(APPS))], []),
        ([], [Incomplete("chart", "HelmRelease/a/b", "offline", environment="dev")]),
    ],
    ids=["an error of its environment", "an error of a file", "a finding of its own, made a warning", "a gap of its environment"],
)
def test_one_that_something_may_explain_is_none(findings: list[Finding], gaps: list[Incomplete]) -> None:
    assert not list(unsaid([FAILED], findings, gaps))


def test_one_that_did_not_fail_is_none() -> None:
    assert not list(unsaid([Node("dev", APPS, "", (), "", 3, "ok")], [], []))
