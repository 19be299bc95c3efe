"""The component's jobs, run as GitLab's runner would: what they exit with, what they hand on, and what stands on the merge request in the end."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from .configuration import ROOT, component
from .runner import Ran, Runner, git
from .server import ME, GitLab, served

pytestmark = pytest.mark.slow
ENVIRONMENTS = ["dev", "stage", "prod"]
DEPLOYMENT = "workloads/prediction-api/base/deployment.yaml"
IMAGE = {"image": "registry.example.org/tools/gitops-validate:0.1.0", "label-prefix": "gitops::"}
SHAPES = {
    "one job": component("gitops-validate", IMAGE),
    "a job an environment": component("gitops-validate-parallel", {**IMAGE, "environments": ENVIRONMENTS}),
}


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example platform on main, and branches that merge requests come from."""
    root = tmp_path_factory.mktemp("gitlab") / "origin"
    shutil.copytree(ROOT / "examples/acme", root)
    git(root.parent, "init", "--quiet", "--initial-branch=main", root)
    commit(root)
    branch(root, "larger", DEPLOYMENT, "cpu: 500m", "cpu: 750m")
    branch(root, "broken", DEPLOYMENT, "containerPort: 8080", "containerPort: 80800")
    git(root, "switch", "--quiet", "main")
    readme = root / "README.md"
    readme.write_text(readme.read_text() + "\nMain has gone on.\n")
    commit(root)
    git(root, "switch", "--quiet", "--create", "merged", "larger")
    git(root, "merge", "--quiet", "--no-edit", "main")
    return root


def branch(root: Path, name: str, path: str, old: str, new: str) -> None:
    git(root, "switch", "--quiet", "--create", name, "main")
    text = (root / path).read_text()
    assert old in text
    (root / path).write_text(text.replace(old, new, 1))
    commit(root)


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "a change")


@pytest.fixture
def gitlab() -> Iterator[GitLab]:
    with served() as found:
        yield found


@pytest.fixture
def runner(tmp_path: Path, origin: Path) -> Runner:
    return Runner(tmp_path, origin)


def common(origin: Path, ref: str) -> dict[str, str]:
    return {"CI_COMMIT_SHA": git(origin, "rev-parse", ref), "CI_DEFAULT_BRANCH": "main", "CI_PIPELINE_ID": "4711", "CI_PROJECT_ID": "1"}


def merge_request(origin: Path, ref: str, gitlab: GitLab | None = None) -> dict[str, str]:
    """The variables of a merge request's pipeline on its own branch. Without a GitLab it is that of a fork, which has no token."""
    token = {"GITOPS_VALIDATE_TOKEN": "glpat-not-a-real-token", "CI_API_V4_URL": gitlab.url} if gitlab else {}
    own = {
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_IID": "2",
        "CI_MERGE_REQUEST_PROJECT_ID": "1",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": git(origin, "merge-base", "main", ref),
        "CI_MERGE_REQUEST_EVENT_TYPE": "detached",
        "CI_COMMIT_REF_PROTECTED": "false",
        "CI_PIPELINE_URL": "https://gitlab.example/acme/platform/-/pipelines/4711",
    }
    return {**common(origin, ref), **own, **token}


def default_branch(origin: Path) -> dict[str, str]:
    return {**common(origin, "main"), "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_COMMIT_REF_PROTECTED": "true"}


def codes(ran: dict[str, Ran]) -> dict[str, int]:
    return {name: each.code for name, each in ran.items()}


def levels(ran: Ran) -> dict[str, str]:
    review = json.loads((ran.artifacts / "review.json").read_text())
    return {each["name"]: each["level"] for each in review["environments"]}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_merge_request_is_checked_reviewed_and_told(runner: Runner, origin: Path, gitlab: GitLab, shape: str) -> None:
    ran = runner.pipeline(SHAPES[shape], merge_request(origin, "larger", gitlab))
    assert set(codes(ran).values()) == {0}
    assert ran["validate"].has("*") == ["junit.xml", "quality.json", "report.html", "report.json"]
    assert ran["review"].has("*") == ["review.html", "review.json", "review.md"]
    assert levels(ran["review"]).keys() == {*ENVIRONMENTS}
    assert [note["author"]["id"] for note in gitlab.notes] == [ME]
    assert "750m" in gitlab.notes[0]["body"]
    assert "pipelines/4711" in gitlab.notes[0]["body"]
    assert gitlab.labels == {f"gitops::{max(levels(ran['review']).values(), key=['nothing', 'routine', 'careful', 'dangerous'].index)}"}
    again = runner.pipeline(SHAPES[shape], merge_request(origin, "larger", gitlab))
    assert len(gitlab.notes) == 1
    assert "note unchanged" in again["note"].log


def test_a_fault_fails_validate_alone_and_jobs_of_an_environment_find_what_one_job_does(runner: Runner, origin: Path, gitlab: GitLab) -> None:
    one, many = (runner.pipeline(shape, merge_request(origin, "broken", gitlab)) for shape in SHAPES.values())
    assert sum(name.startswith("validate-environment") for name in many) == len(ENVIRONMENTS)
    for ran in (one, many):
        assert (ran["validate"].code, [name for name, each in ran.items() if each.failed]) == (1, ["validate"])
    assert json.loads((one["validate"].artifacts / "quality.json").read_text())[0]["check_name"] == "api-verdict"
    assert "api-verdict" in gitlab.notes[0]["body"]
    assert "note unchanged" in many["note"].log
    for job, names in (
        ("validate", ("report.json", "quality.json", "junit.xml", "report.html")),
        ("review", ("review.json", "review.md", "review.html")),
    ):
        for name in names:
            assert (one[job].artifacts / name).read_bytes() == (many[job].artifacts / name).read_bytes(), name


def test_a_fork_has_artifacts_and_no_note(runner: Runner, origin: Path) -> None:
    ran = runner.pipeline(SHAPES["a job an environment"], merge_request(origin, "larger"))
    assert "note" not in ran
    assert set(codes(ran).values()) == {0}
    assert ran["review"].has("review.html")
    given = [each.artifacts for name, each in ran.items() if name.startswith("validate-environment")]
    kinds = {path.parts[-3] for folder in given for path in folder.glob(".cache/gitops-validate/merge-requests/*/*/*")}
    assert {"outcome", "inputs"} <= kinds, "what they have found does not reach `validate`, which would do it all again"


def test_an_environment_without_a_job_is_checked_and_its_review_missed(runner: Runner, origin: Path, gitlab: GitLab) -> None:
    shape = component("gitops-validate-parallel", {**IMAGE, "environments": ["dev", "stage"]})
    ran = runner.pipeline(shape, merge_request(origin, "broken", gitlab))
    report = json.loads((ran["validate"].artifacts / "report.json").read_text())
    assert {finding["environment"] for finding in report["findings"]} >= {"prod"}
    assert (ran["review"].code, ran["review"].failed) == (3, False)
    assert "no job has reviewed this environment" in gitlab.notes[0]["body"]


def test_of_a_merged_result_only_the_request_is_shown(runner: Runner, origin: Path, gitlab: GitLab) -> None:
    merged = {
        "CI_MERGE_REQUEST_EVENT_TYPE": "merged_result",
        "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": git(origin, "rev-parse", "main"),
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": git(origin, "rev-parse", "larger"),
    }
    ran = runner.pipeline(SHAPES["one job"], {**merge_request(origin, "merged", gitlab), **merged})
    assert set(codes(ran).values()) == {0}
    assert list(json.loads((ran["review"].artifacts / "review.json").read_text())["files"]) == [DEPLOYMENT]


def test_the_default_branch_is_checked_and_keeps_a_cache_of_its_own(runner: Runner, origin: Path) -> None:
    runner.pipeline(SHAPES["one job"], merge_request(origin, "larger"))
    ran = runner.pipeline(SHAPES["a job an environment"], default_branch(origin))
    assert {name.partition(": [")[0] for name in ran} <= {"validate", "validate-environment"}
    assert set(codes(ran).values()) == {0}
    for key, folder in runner.caches.items():
        kinds = {path.name for path in (folder / ".cache/gitops-validate").iterdir()}
        assert kinds == ({"trusted"} if "default-branch" in key else {"merge-requests"}), key


def test_the_next_run_of_a_merge_request_finds_what_this_one_knew(runner: Runner, origin: Path) -> None:
    variables = merge_request(origin, "larger")
    for _ in range(2):
        runner.pipeline(SHAPES["one job"], variables)
    first, second = ({path.name for path in folder.rglob("report/*/*")} for folder in [*runner.folder.glob("cache-*")][:2])
    assert first and first == second


def test_gitlab_that_does_not_answer_costs_the_note(runner: Runner, origin: Path, gitlab: GitLab) -> None:
    gitlab.answers = [(401, {}, "")]
    ran = runner.pipeline(SHAPES["one job"], merge_request(origin, "larger", gitlab))
    assert codes(ran) == {"validate": 0, "review": 0, "note": 0}
    assert "the token is not valid" in ran["note"].log
    assert not re.search("glpat", "".join(each.log for each in ran.values()))
