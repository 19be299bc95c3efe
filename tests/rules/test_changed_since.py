"""`check --changed-since REF` tells what a change has brought, and counts the rest."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest_rules import GIT, commit_all, git

from gitops_validate.cli.entry import run
from gitops_validate.revisions import since

FLUX = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: app, namespace: flux-system}\n"
FLUX += "spec: {interval: 1m, prune: true, path: overlays/ENV, sourceRef: {kind: GitRepository, name: flux-system}}\n"
BASE = "apiVersion: v1\nkind: Service\nmetadata: {name: app, namespace: default}\nspec: {ports: [{port: 80}]}\n"
OLD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Old_, namespace: default}\n"
FILES = {
    **{f"clusters/{env}/app.yaml": FLUX.replace("ENV", env) for env in ("dev", "prod")},
    **{f"overlays/{env}/kustomization.yaml": "resources: [../../base]\n" for env in ("dev", "prod")},
    "base/kustomization.yaml": "resources: [service.yaml]\n",
    "base/service.yaml": BASE,
    "clusters/dev/old.yaml": OLD,
}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(tmp_path / "cache"))
    for name in ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "CI_MERGE_REQUEST_IID"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with one old fault, on the branch main."""
    root = tmp_path / "repo"
    for path, text in FILES.items():
        write(root, path, text)
    git(root, "init", "--quiet", "--initial-branch=main")
    commit_all(root)
    return root


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def checked(root: Path, ref: str, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, set[tuple[str, str]], int]:
    """The exit code, the environments and files of what is told, and how much is known."""
    code = run(["check", str(root), "--changed-since", ref, "--offline", "--jobs", "1", "--format", "json", *more])
    report = json.loads(capsys.readouterr().out)
    return code, {(each["environment"], each["path"]) for each in report["findings"]}, report["summary"]["known"]


def test_what_was_there_before_is_counted_and_does_not_fail(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(repo, "README.md", "changed")
    assert checked(repo, "main", capsys) == (0, set(), 1)
    assert run(["check", str(repo), "--changed-since", "main", "--offline"]) == 0
    assert f"1 known at {git(repo, 'rev-parse', 'HEAD')[:12]}" in capsys.readouterr().out


@pytest.mark.parametrize("more", [(), ("--no-cache",)])
def test_a_change_to_a_base_is_told_for_every_overlay(repo: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]) -> None:
    write(repo, "base/service.yaml", BASE.replace("80", "80800"))
    assert checked(repo, "main", capsys, *more) == (1, {("dev", "base/service.yaml"), ("prod", "base/service.yaml")}, 1)


def test_lines_that_moved_are_no_change_but_a_second_fault_of_the_same_kind_is(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(repo, "clusters/dev/old.yaml", "# moved\n\n" + OLD + "---\n" + OLD.replace("Old_", "New_"))
    assert checked(repo, "main", capsys) == (1, {("dev", "clusters/dev/old.yaml")}, 1)


def test_the_work_begins_where_it_parted_from_the_branch(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(repo, "checkout", "--quiet", "-b", "work")
    write(repo, "base/service.yaml", BASE.replace("80", "80800"))
    commit_all(repo)
    git(repo, "checkout", "--quiet", "main")
    (repo / "clusters/dev/old.yaml").unlink()
    commit_all(repo)
    git(repo, "checkout", "--quiet", "work")
    assert checked(repo, "main", capsys) == (1, {("dev", "base/service.yaml"), ("prod", "base/service.yaml")}, 1)


def test_a_waiver_that_goes_brings_the_finding(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(repo, ".gitops-validate.yaml", "version: 1\nwaivers: [{rule: api-verdict, path: clusters/dev/old.yaml, reason: old}]\n")
    commit_all(repo)
    assert checked(repo, "main", capsys) == (0, set(), 0)
    (repo / ".gitops-validate.yaml").unlink()
    assert checked(repo, "main", capsys) == (1, {("dev", "clusters/dev/old.yaml")}, 0)


def test_in_a_merge_request_both_sides_are_judged_by_its_base(
    repo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", git(repo, "rev-parse", "HEAD"))
    write(repo, "base/service.yaml", BASE.replace("80", "80800"))
    write(repo, ".gitops-validate.yaml", "version: 1\nwaivers: [{rule: api-verdict, path: base/service.yaml, reason: mine}]\n")
    assert checked(repo, "main", capsys) == (1, {("dev", "base/service.yaml"), ("prod", "base/service.yaml")}, 1)


def test_where_nothing_could_be_checked_before_all_is_new(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(repo, "checkout", "--quiet", "--orphan", "other")
    git(repo, "rm", "--quiet", "-r", "--cached", ".")
    (repo / "README.md").write_text("nothing else\n")
    git(repo, "add", "README.md")
    git(repo, "commit", "--quiet", "--message", "no environment")
    assert checked(repo, "other", capsys) == (1, {("dev", "clusters/dev/old.yaml")}, 0)


def test_the_second_time_nothing_is_copied(repo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    first = checked(repo, "main", capsys)
    monkeypatch.setattr(since, "copied", None)
    assert checked(repo, "main", capsys) == first


def test_a_part_of_a_repository_a_worktree_and_a_shallow_clone_will_do(repo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / "README.md").write_text("more\n")
    commit_all(repo)
    whole, part, tree, clone = tmp_path / "whole", tmp_path / "whole/part", tmp_path / "tree", tmp_path / "clone"
    git(repo, "worktree", "add", "--quiet", "--detach", str(tree))
    git(repo, "clone", "--quiet", "--depth=1", f"file://{repo}", str(clone))
    whole.mkdir()
    git(whole, "init", "--quiet", "--initial-branch=main")
    git(repo, "worktree", "list")
    for path, text in FILES.items():
        write(part, path, text)
    commit_all(whole)
    for root, ref in ((part, "main"), (tree, "main~1"), (clone, "HEAD")):
        write(root, "base/service.yaml", BASE.replace("80", "80800"))
        assert checked(root, ref, capsys) == (1, {("dev", "base/service.yaml"), ("prod", "base/service.yaml")}, 1), root


def test_links_and_odd_names_are_copied_and_the_git_folder_is_only_read(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / "overlays/dev/link.yaml").symlink_to("../../base/service.yaml")
    (repo / "outside").symlink_to("/etc/passwd")
    write(repo, "a b\n;$(id).yaml", "{}\n")
    commit_all(repo)
    for folder in (repo / ".git", repo / ".git/objects"):
        folder.chmod(0o555)
    before = sorted(os.walk(repo / ".git"))
    assert checked(repo, "main", capsys)[1:] == (set(), 2)
    assert sorted(os.walk(repo / ".git")) == before
    for folder in (repo / ".git", repo / ".git/objects"):
        folder.chmod(0o755)


@pytest.mark.parametrize("ref", ["nowhere", "", "main:base", "main..HEAD", "--upload-pack=touch x", "-h", "--output=x", "$(id)", "HEAD~99"])
def test_what_names_no_commit_is_wrong_use(repo: Path, capsys: pytest.CaptureFixture[str], ref: str) -> None:
    assert run(["check", str(repo), f"--changed-since={ref}", "--offline"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "commit" in said.err
    assert not (repo / "x").exists()


def test_without_a_repository_it_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "plain", "clusters/dev/a.yaml", OLD)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert run(["check", str(tmp_path / "plain"), "--changed-since", "main", "--offline"]) == 2
    assert "not in a git repository" in capsys.readouterr().err


def test_a_commit_that_is_not_whole_is_said(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blob = git(repo, "rev-parse", "HEAD:base/service.yaml")
    (repo / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert run(["check", str(repo), "--changed-since", "main", "--offline"]) == 2
    assert "is not whole in this clone: fetch it with" in capsys.readouterr().err


def test_what_a_partial_clone_lacks_is_not_fetched(repo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / "clusters/dev/old.yaml").unlink()
    commit_all(repo)
    git(repo, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--filter=blob:none", f"file://{repo}", "clone")
    clone = tmp_path / "clone"
    git(clone, "config", "protocol.file.allow", "always")
    assert checked(clone, "main", capsys) == (0, set(), 0)
    assert run(["check", str(clone), "--changed-since", "main~1", "--offline"]) == 2
    assert "is not whole in this clone" in capsys.readouterr().err


def test_a_tree_that_leaves_its_folder_is_refused(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blob = git(repo, "rev-parse", "HEAD:base/service.yaml")
    tree = b"100644 ..\0" + bytes.fromhex(blob)
    made = subprocess.run([*GIT, "hash-object", "-t", "tree", "-w", "--stdin", "--literally"], cwd=repo, input=tree, capture_output=True, check=True)
    hostile = git(repo, "commit-tree", made.stdout.decode().strip(), "-m", "hostile")
    assert run(["check", str(repo), "--changed-since", hostile, "--offline"]) == 2
    assert "holds a path that no checkout can have" in capsys.readouterr().err
