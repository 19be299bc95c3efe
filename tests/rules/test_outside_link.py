"""Links that leave the checkout, directly or over others."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_validate.model.manifest import Repo
from gitops_validate.rule import rules


def found(**links: str) -> list[str]:
    repo = Repo(Path("/nowhere"), {}, {}, {path.replace("__", "/"): target for path, target in links.items()})
    return [problem.at.path for problem in rules()["outside-link"].problems(repo, {})]


@pytest.mark.parametrize("target", ["/etc/passwd", "../../etc/passwd", "../..", "../docs/../../x"])
def test_a_link_to_the_outside_is_found(target: str):
    assert found(docs__notes=target) == ["docs/notes"]


@pytest.mark.parametrize("target", ["notes.txt", "..", "../README.md", "../apps/../docs/a", "missing"])
def test_a_link_inside_is_left_alone(target: str):
    assert found(docs__notes=target) == []


def test_a_link_over_another_link_is_followed():
    assert found(docs__up="..", docs__notes="up/../secret") == ["docs/notes"]


def test_a_link_to_itself_ends():
    assert found(docs__loop="loop", docs__a="b", docs__b="a") == []
