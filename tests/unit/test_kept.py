"""An outcome is kept for as long as all that it came of stays the same, its charts included."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from gitops_validate.building.charts import Chart, Charts, Gap
from gitops_validate.judging.outcome import Outcome
from gitops_validate.judging.waivers import Candidate
from gitops_validate.keeping.cache import Cache
from gitops_validate.keeping.kept import Kept
from gitops_validate.keeping.looked import Looks
from gitops_validate.keeping.tree import Tree
from gitops_validate.keeping.used import Used
from gitops_validate.model.environment import Environment
from gitops_validate.model.finding import Finding, Incomplete, Severity
from gitops_validate.model.identity import ObjectRef
from gitops_validate.model.manifest import Repo
from gitops_validate.model.place import Place

DEV = Environment("dev", "clusters/dev", "1.36")
FOUND = Finding("api-verdict", Severity.ERROR, "no", Place("a.yaml", 3, 1), "", object=ObjectRef("v1", "Service", "", "a"))
OUTCOME = Outcome("dev", (Candidate(FOUND, frozenset({("a.yaml", 0)})),), (Incomplete("no-schema", "x/Y", "none"),), 2, 5, 4, True)
REQUEST = ("HelmRepository", "https://charts.example", "web", "^1", "", False)


@dataclass
class Archives:
    """Charts that are what `content` says, and who asked for them."""

    content: str = "sha256:1"
    revision: str = "commit"
    asked: list[Any] = field(default_factory=list)

    def again(self, *request: Any) -> Chart | Gap:
        self.asked.append(request)
        return Chart({}, self.content, request) if self.content else Gap("chart", "web", "out of reach")


def kept(tmp_path: Path, charts: Archives, shared: str = "", **digests: str) -> Kept:
    known = {"a.yaml": "1", **{f"{name}.yaml": value for name, value in digests.items()}}
    return Kept(Cache(tmp_path), Tree(tmp_path, known), Repo(tmp_path, known, {}), cast(Charts, charts), shared)


def used(*, revision: bool = False) -> Used:
    found = Used(folders={"charts/web"}, charts={REQUEST}, revision=revision)
    found.traced({"files": ["a.yaml"]})
    return found


def run(cache: Path, outcome: Outcome, used: Used, looks: Looks, *, known: bool = True) -> None:
    """A run that keeps an outcome, and that may have seen a file change meanwhile."""
    keeper = kept(cache, Archives())
    keeper.remember(DEV, outcome, used, looks)
    keeper.cache.settle(known=known)


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    run(tmp_path, OUTCOME, used(), Looks({"b.yaml"}))
    assert kept(tmp_path, Archives()).recall(DEV) == OUTCOME


def test_what_a_run_found_while_files_changed_is_forgotten(tmp_path: Path) -> None:
    run(tmp_path, OUTCOME, used(), Looks({"b.yaml"}), known=False)
    assert kept(tmp_path, Archives()).recall(DEV) is None
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize("change", [{"a": "2"}, {"b": "new"}, {"shared": "other"}])
def test_a_file_that_was_read_one_that_was_looked_up_and_what_the_run_shares_count(change: dict[str, str], tmp_path: Path) -> None:
    run(tmp_path, OUTCOME, used(), Looks({"b.yaml"}))
    charts = Archives()
    assert kept(tmp_path, charts, **change).recall(DEV) is None
    assert charts.asked == [], "no chart is asked for before that"


def test_a_folder_of_a_chart_counts(tmp_path: Path) -> None:
    run(tmp_path, OUTCOME, used(), Looks())
    assert kept(tmp_path, Archives(), **{"charts/web/values": "new"}).recall(DEV) is None


@pytest.mark.parametrize("content", ["sha256:2", ""])
def test_a_range_that_means_another_archive_now_or_none_counts(content: str, tmp_path: Path) -> None:
    run(tmp_path, OUTCOME, used(), Looks())
    assert kept(tmp_path, Archives(content)).recall(DEV) is None


def test_the_commit_counts_only_where_a_version_follows_it(tmp_path: Path) -> None:
    for follows, expected in ((False, OUTCOME), (True, None)):
        cache = tmp_path / str(follows)
        run(cache, OUTCOME, used(revision=follows), Looks())
        assert kept(cache, Archives(revision="later")).recall(DEV) == expected


def test_what_the_next_run_may_not_meet_again_is_not_kept(tmp_path: Path) -> None:
    for what in ("engine", "chart", "rule"):
        failed = Outcome("dev", (), (Incomplete(what, "x", "it failed"),), 0, 0, 0, True)
        run(tmp_path, failed, used(), Looks())
    run(tmp_path, OUTCOME, used(), Looks(everything=True))
    assert kept(tmp_path, Archives()).recall(DEV) is None
