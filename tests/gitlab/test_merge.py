"""`gitlab merge`: what jobs of one environment each have reviewed is what one job would have, and what none has looked at is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from gitops_validate.cli.entry import run
from gitops_validate.model.change import Review
from gitops_validate.report.review.json import as_values

from ..review.test_html import REVIEW, written  # noqa: TID252 - tests have no package of their own

NAMES = [each.name for each in REVIEW.environments]


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, Path]:
    """A review of each environment, as `diff --env` writes it."""
    return {each.name: saved(tmp_path / f"{each.name}.json", part(each.name)) for each in REVIEW.environments}


def part(name: str) -> Review:
    environments = tuple(each for each in REVIEW.environments if each.name == name)
    return replace(REVIEW, environments=environments, others=tuple(each for each in NAMES if each != name))


def saved(path: Path, review: Review) -> Path:
    path.write_text(json.dumps(as_values(review)))
    return path


def merge(*arguments: object) -> int:
    return run(["gitlab", "merge", *map(str, arguments)])


def test_reviews_of_several_jobs_are_one(parts: dict[str, Path], tmp_path: Path) -> None:
    assert merge(*parts.values(), "--format", f"json={tmp_path}/merged.json", "--format", f"html={tmp_path}/merged.html") == 0
    ordered = replace(REVIEW, environments=tuple(sorted(REVIEW.environments, key=lambda each: each.name)))
    assert json.loads((tmp_path / "merged.json").read_text()) == json.loads(json.dumps(as_values(ordered)))
    assert (tmp_path / "merged.html").read_text() == written(ordered)


def test_environments_stand_in_the_order_of_promotion_whatever_job_comes_first(tmp_path: Path) -> None:
    promoted = ("stage", "prod", "dev", "archive")
    files = [saved(tmp_path / f"{name}.json", replace(part(name), order=promoted)) for name in reversed(NAMES)]
    missing = saved(tmp_path / "none.json", replace(REVIEW, environments=(), others=("archive",), order=promoted))
    assert merge(*files, missing, "--format", f"json={tmp_path}/merged.json") == 3
    assert [each["name"] for each in json.loads((tmp_path / "merged.json").read_text())["environments"]] == ["prod", "dev", "archive"]


def test_an_environment_that_no_job_has_reviewed_is_a_gap(parts: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert merge(parts["prod"]) == 3
    assert "dev: no job has reviewed this environment" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_every_format_says_so(parts: dict[str, Path], capsys: pytest.CaptureFixture[str], form: str) -> None:
    merge(parts["prod"], "--format", form)
    assert "no job has reviewed this environment" in capsys.readouterr().out


def test_an_environment_that_is_told_twice_is_refused(parts: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that a merge request brings must not take the place of what a job has written."""
    quiet = replace(part("prod"), environments=(replace(part("prod").environments[0], changes=(), impacts=()),))
    assert merge(*parts.values(), saved(tmp_path / "forged.json", quiet)) == 2
    assert "'prod' twice" in capsys.readouterr().err


def test_reviews_of_two_changes_are_refused(parts: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert merge(parts["dev"], saved(tmp_path / "other.json", replace(part("prod"), base="another"))) == 2
    assert "not of one change" in capsys.readouterr().err


@pytest.mark.parametrize("depth", [300, 900, 100_000])
def test_a_review_that_is_nested_without_end_is_one_sentence(parts: dict[str, Path], capsys: pytest.CaptureFixture[str], depth: int) -> None:
    text = parts["dev"].read_text()
    parts["dev"].write_text(text.replace('"before": "web:1"', f'"before": {"[" * depth}{"]" * depth}', 1))
    assert merge(*parts.values()) == 2
    said = capsys.readouterr().err
    assert "levels deep: no review is" in said or "is not JSON" in said
