"""Which two states are compared, in every sort of clone."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from gitops_validate.check import Options
from gitops_validate.cli.entry import run
from gitops_validate.errors import UsageError
from gitops_validate.model.change import Level, Review
from gitops_validate.review.review import Asked, review

FILES = {
    "clusters/prod/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\ndata: {level: info}\n",
    "clusters/dev/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\ndata: {level: info}\n",
}
GIT = ("git", "-c", "user.name=test", "-c", "user.email=test@example.org")


def git(root: Path, *arguments: str) -> str:
    import subprocess  # noqa: PLC0415

    return subprocess.run([*GIT, *arguments], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def commit(root: Path) -> str:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "a change")
    return git(root, "rev-parse", "HEAD")


def set_level(root: Path, environment: str, level: str) -> None:
    file = root / f"clusters/{environment}/settings.yaml"
    file.write_text(file.read_text().replace("level: info", f"level: {level}"))


def reached(found: Review) -> set[str]:
    """The environments in which something changes."""
    return {each.name for each in found.environments if each.level is not Level.NOTHING}


def looked(root: Path, base: str = "", head: str = "") -> Review:
    return review(Options(root, offline=False, cache=False, workers=1), Asked(base, head))


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Two environments on main; the branch `work` changes prod, while main goes on and changes dev."""
    root = tmp_path / "repo"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    git(root.parent, "init", "--quiet", "--initial-branch=main", str(root))
    commit(root)
    git(root, "branch", "work")
    set_level(root, "dev", "debug")
    commit(root)
    git(root, "switch", "--quiet", "work")
    set_level(root, "prod", "warn")
    commit(root)
    return root


def test_only_the_work_since_it_parted_from_main_is_shown(repo: Path) -> None:
    assert reached(looked(repo)) == {"prod"}


def test_what_is_not_committed_counts_too(repo: Path) -> None:
    set_level(repo, "dev", "trace")
    assert reached(looked(repo)) == {"dev", "prod"}


def test_two_commits_are_compared_as_they_are(repo: Path) -> None:
    assert reached(looked(repo, "main", "work")) == {"dev", "prod"}


def test_in_a_merge_request_gitlab_says_what_to_compare_with(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", git(repo, "merge-base", "main", "work"))
    assert reached(looked(repo)) == {"prod"}


def test_of_a_merged_result_the_target_branch_counts(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pipeline runs on a merge of both: what main has brought since is no part of the request."""
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", git(repo, "merge-base", "main", "work"))
    monkeypatch.setenv("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", git(repo, "rev-parse", "main"))
    git(repo, "merge", "--quiet", "--no-edit", "main")
    assert reached(looked(repo)) == {"prod"}


def test_a_shallow_clone_fetches_the_one_commit_and_is_not_written_to(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = git(repo, "merge-base", "main", "work")
    git(repo, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=work", f"file://{repo}", "shallow")
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", base)
    before = _content(tmp_path / "shallow/.git")
    assert reached(looked(tmp_path / "shallow")) == {"prod"}
    assert _content(tmp_path / "shallow/.git") == before


def _content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_offline_a_commit_that_is_not_here_is_one_sentence(repo: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=work", f"file://{repo}", "shallow")
    with pytest.raises(UsageError, match="--offline fetches nothing"):
        review(Options(tmp_path / "shallow", offline=True, cache=False, workers=1), Asked(git(repo, "rev-parse", "main")))


def test_a_remote_that_is_gone_is_one_sentence_without_its_address(repo: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=work", f"file://{repo}", "shallow")
    git(tmp_path / "shallow", "remote", "set-url", "origin", f"file://user:geheim@{tmp_path}/gone")
    with pytest.raises(UsageError, match="its remote does not give it") as told:
        looked(tmp_path / "shallow", git(repo, "rev-parse", "main"))
    assert "geheim" not in str(told.value)


def test_a_worktree_is_as_good_as_a_clone(repo: Path, tmp_path: Path) -> None:
    git(repo, "worktree", "add", "--quiet", str(tmp_path / "tree"), "-b", "other", "work")
    assert reached(looked(tmp_path / "tree")) == {"prod"}


def test_a_clone_that_nobody_may_write_to_is_read(repo: Path) -> None:
    folders = [repo / ".git", *(path for path in (repo / ".git").rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert reached(looked(repo)) == {"prod"}
    finally:
        for folder in folders:
            folder.chmod(stat.S_IRWXU)


def test_a_branch_that_is_not_there_is_wrong_use(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", str(repo), "--base", "nowhere", "--no-cache"]) == 2
    assert "names no commit of this clone" in capsys.readouterr().err


def test_outside_of_git_there_is_nothing_to_compare(tmp_path: Path, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(repo / "clusters", tmp_path / "plain/clusters")
    assert run(["diff", str(tmp_path / "plain"), "--no-cache"]) == 2
    assert "no branch that a change could be compared with" in capsys.readouterr().err


def test_a_base_that_holds_no_environment_makes_all_of_them_new(repo: Path) -> None:
    git(repo, "switch", "--quiet", "--orphan", "empty")
    commit(repo)
    git(repo, "switch", "--quiet", "work")
    found = looked(repo, "empty", "work")
    assert {each.state for each in found.environments} == {"new"}


def test_environments_stand_in_the_order_of_promotion_and_those_that_are_gone_last(repo: Path) -> None:
    (repo / ".gitops-validate.yaml").write_text("version: 1\nenvironments: {stage: {}, prod: {}, live: {}}\n")
    for name in ("stage", "live"):
        shutil.copytree(repo / "clusters/prod", repo / "clusters" / name)
        own = FILES["clusters/prod/settings.yaml"].replace("name: settings", f"name: only-{name}")  # it is not dev under another name
        (repo / f"clusters/{name}/own.yaml").write_text(own)
    shutil.rmtree(repo / "clusters/dev")
    assert [each.name for each in looked(repo).environments] == ["stage", "prod", "live", "dev"]


def test_the_exit_code_says_whether_more_care_is_wanted_than_allowed(repo: Path) -> None:
    os.environ.pop("CI_MERGE_REQUEST_DIFF_BASE_SHA", None)
    assert run(["diff", str(repo), "--no-cache", "--fail-from", "dangerous"]) == 0
    assert run(["diff", str(repo), "--no-cache", "--fail-from", "routine"]) == 1


def test_only_the_environments_that_are_asked_for_are_compared(repo: Path) -> None:
    found = review(Options(repo, ("dev",), offline=True, cache=False, workers=1), Asked("main", "work"))
    assert [(each.name, each.state) for each in found.environments] == [("dev", "changed")]


def test_one_environment_is_compared_with_another(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", str(repo), "--no-cache", "--between", "dev", "prod"]) == 0
    assert "data.level: info → warn" in capsys.readouterr().out
    assert run(["diff", str(repo), "--no-cache", "--between", "dev", "prod", "--base", "main"]) == 2


def test_an_environment_that_comes_or_goes_can_be_asked_for_alone(repo: Path) -> None:
    """One job an environment: what its job does not find in one of the states is new or gone, and what was found before is not brought."""
    broken = FILES["clusters/dev/settings.yaml"].replace("name: settings", "name: Not_A_Name")
    (repo / "clusters/dev/broken.yaml").write_text(broken)
    base = commit(repo)
    (repo / "clusters/prod").rename(repo / "clusters/live")
    found = {name: review(Options(repo, (name,), cache=False, workers=1), Asked(base)) for name in ("live", "prod", "dev")}
    states = {name: [(each.name, each.state) for each in one.environments] for name, one in found.items()}
    assert states == {"live": [("live", "new")], "prod": [("prod", "gone")], "dev": [("dev", "unchanged")]}
    assert {name: one.others for name, one in found.items()} == {"live": ("dev", "prod"), "prod": ("dev", "live"), "dev": ("live", "prod")}
    assert not any(one.brought for one in found.values())


def test_an_environment_that_neither_state_has_is_wrong_use(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", str(repo), "--env", "nowhere", "--no-cache"]) == 2
    assert "no environment is called 'nowhere': there are dev, prod" in capsys.readouterr().err
