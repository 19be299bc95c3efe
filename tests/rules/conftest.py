"""A whole check of a small repository over the real engine, and what its marks say should come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from conftest_rules import commit, write

from gitops_validate.check import Options, check
from gitops_validate.model.report import Report
from gitops_validate.pages import MARK

TODAY = date(2026, 1, 15)


@dataclass(frozen=True)
class Outcome:
    """A report as sets that compare well; a line that is not known counts as the first."""

    report: Report
    marked: frozenset[tuple[str, int]]

    @property
    def rules(self) -> set[str]:
        return {finding.rule for finding in self.report.findings}

    @property
    def lines(self) -> set[tuple[str, int]]:
        return {(finding.place.path, max(finding.place.line, 1)) for finding in self.report.findings}

    @property
    def said(self) -> list[str]:
        """All of it in words, for the message of a failed assertion; gaps that the configuration accepts aside."""
        findings = [f"{each.rule} {each.place.path}:{each.place.line} {each.message}" for each in self.report.findings]
        return findings + [f"{gap.what} {gap.subject}: {gap.reason}" for gap in self.report.incomplete if not gap.accepted]


Checked = Callable[[Mapping[str, str]], Outcome]


EARLIER = ("before/", "meanwhile/")
"""Where the files of a case lie that are those of the commit that a change starts from, and of one after it."""


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checked:
    """Write files and check the folder that they are in, as a merge request if there are files of earlier commits."""

    def run(every: Mapping[str, str]) -> Outcome:
        files = {path: text for path, text in every.items() if not path.startswith(EARLIER)}
        earlier = [{path[len(stage) :]: text for path, text in every.items() if path.startswith(stage)} for stage in EARLIER]
        commits = [commit(tmp_path, stage) for stage in earlier if stage]
        if commits:
            monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", commits[0])
            commit(tmp_path, files)
        write(tmp_path, files)
        marked = {(path, number) for path, text in files.items() for number, line in enumerate(text.splitlines(), 1) if MARK in line}
        report = check(Options(tmp_path, offline=True, cache=False, today=TODAY, workers=1))
        assert not [gap for gap in report.incomplete if gap.what == "rule"], "a rule failed"
        return Outcome(report, frozenset(marked))

    return run


def folder(root: Path) -> dict[str, str]:
    """The files below a folder."""
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in sorted(root.rglob("*")) if path.is_file()}


REPOS = Path(__file__).parents[1] / "repos"


@pytest.fixture(params=sorted(path.relative_to(REPOS).as_posix() for path in REPOS.glob("*/*-*")))
def repository(request: pytest.FixtureRequest) -> tuple[str, bool, dict[str, str]]:
    """A case of tests/repos: its rule, whether there is something to find, and its files."""
    rule, _, case = request.param.partition("/")
    return rule, case.startswith("avoid-"), folder(REPOS / request.param)
