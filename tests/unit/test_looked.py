"""What was looked up in a checkout is noted; what was not does not count."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from gitops_validate.keeping.looked import Looks, state
from gitops_validate.model.manifest import FileProblem, Repo, YamlFile

REPO = Repo(Path("/nowhere"), {"a.yaml": "1", "b.txt": "2"}, {"a.yaml": YamlFile("a.yaml")}, {"link": "a.yaml"})


def test_a_path_that_was_asked_for_is_noted_whether_it_is_there_or_not() -> None:
    looks = Looks()
    noted = looks.over(REPO)
    assert noted.files.get("a.yaml") is REPO.files["a.yaml"]
    assert noted.at("none.yaml", 0) is None
    assert "b.txt" in noted.digests
    assert looks == Looks({"a.yaml", "none.yaml", "b.txt"})


@pytest.mark.parametrize("through", [lambda repo: list(repo.manifests), lambda repo: sorted(repo.digests), lambda repo: len(repo.links)])
def test_going_through_all_of_them_is_noted(through) -> None:
    looks = Looks()
    through(looks.over(REPO))
    assert looks.everything


@pytest.mark.parametrize(
    "other",
    [
        replace(REPO, digests={"a.yaml": "3"}),
        replace(REPO, digests={}, files={}),
        replace(REPO, files={}),
        replace(REPO, links={"a.yaml": "elsewhere"}),
        replace(REPO, digests={}, files={"a.yaml": YamlFile("a.yaml", problems=(FileProblem("a.yaml", "unreadable", "it cannot be read"),))}),
    ],
)
def test_a_path_has_another_state_when_anything_about_it_changes(other: Repo) -> None:
    assert state(other, "a.yaml") != state(REPO, "a.yaml")
    assert state(other, "none") == state(REPO, "none")
