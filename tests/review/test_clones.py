"""What a review compares in clones and merges of every sort, and what it says of content that is not there."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest

from gitops_validate.check import Options
from gitops_validate.cli.entry import run
from gitops_validate.errors import UsageError
from gitops_validate.model.change import EnvironmentReview, Level, Review
from gitops_validate.review.review import Asked, review
from gitops_validate.revisions import history

GIT = ("git", "-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "protocol.file.allow=always")
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {0}, namespace: default}}\ndata: {{level: info}}\n"
KUSTOMIZATION = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {interval: 1h, prune: true, path: ./apps, sourceRef: {kind: GitRepository, name: flux-system}}
"""


def git(root: Path, *arguments: str) -> str:
    return subprocess.run([*GIT, *arguments], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def commit(root: Path, **files: str) -> str:
    """Write files, whose paths have `__` for a slash, and commit everything."""
    for name, text in files.items():
        put(root, name.replace("__", "/"), text)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "a change")
    return git(root, "rev-parse", "HEAD")


def put(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Two environments on main, with an object each."""
    root = tmp_path / "repo"
    for name in ("dev", "prod"):
        put(root, f"clusters/{name}/settings.yaml", SETTINGS.format("settings"))
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(root))
    commit(root)
    return root


def edit(root: Path, environment: str, level: str) -> None:
    file = root / f"clusters/{environment}/settings.yaml"
    file.write_text(file.read_text().replace("level: info", f"level: {level}"))


def looked(root: Path, base: str = "", head: str = "", *, offline: bool = True) -> Review:
    return review(Options(root, offline=offline, cache=False, workers=1), Asked(base, head))


def changed(found: Review) -> dict[str, list[str]]:
    """The objects that change in each environment, each with what happens to it."""
    reviews = {each.name: each for each in found.environments if each.level is not Level.NOTHING}
    return {name: [f"{change.action} {change.ref.name}" for change in each.changes] for name, each in reviews.items()}


def of(found: Review, name: str) -> EnvironmentReview:
    return next(each for each in found.environments if each.name == name)


def test_a_rebased_target_is_compared_where_the_work_parted_from_it(repo: Path) -> None:
    """The target's history was written anew after the branch began: what it holds besides is no part of the branch."""
    git(repo, "switch", "--quiet", "-c", "work")
    edit(repo, "prod", "warn")
    commit(repo)
    git(repo, "switch", "--quiet", "main")
    git(repo, "commit", "--quiet", "--amend", "--allow-empty", "--message", "the same, another commit")
    edit(repo, "dev", "debug")
    commit(repo)
    git(repo, "switch", "--quiet", "work")
    git(repo, "rebase", "--quiet", "main")
    assert changed(looked(repo)) == {"prod": ["modified settings"]}


def test_a_merge_of_the_target_into_the_work_is_no_part_of_it(repo: Path) -> None:
    git(repo, "switch", "--quiet", "-c", "work")
    edit(repo, "prod", "warn")
    commit(repo)
    git(repo, "switch", "--quiet", "main")
    edit(repo, "dev", "debug")
    commit(repo)
    git(repo, "switch", "--quiet", "work")
    git(repo, "merge", "--quiet", "--no-edit", "main")
    assert changed(looked(repo)) == {"prod": ["modified settings"]}


def test_a_detached_head_is_as_good_as_a_branch(repo: Path) -> None:
    edit(repo, "prod", "warn")
    git(repo, "switch", "--quiet", "--detach")
    commit(repo)
    assert changed(looked(repo, "main")) == {"prod": ["modified settings"]}


def test_with_less_history_than_the_branch_is_long_the_base_is_fetched(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GitLab's default depth is 20: of a branch of 25 commits the merge base is not there."""
    base = git(repo, "rev-parse", "main")
    git(repo, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(repo, "switch", "--quiet", "-c", "work")
    for _ in range(24):
        commit(repo)
    edit(repo, "prod", "warn")
    commit(repo)
    git(tmp_path, "clone", "--quiet", "--depth=20", "--branch=work", f"file://{repo}", "shallow")
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", base)
    with pytest.raises(UsageError, match=f"commit {base[:12]} is not in this clone"):
        looked(tmp_path / "shallow")
    found = looked(tmp_path / "shallow", offline=False)
    assert changed(found) == {"prod": ["modified settings"]} and found.base == base[:12]
    monkeypatch.delenv("CI_MERGE_REQUEST_DIFF_BASE_SHA")
    assert run(["check", str(tmp_path / "shallow"), "--offline", "--no-cache"]) == 0


def test_an_environment_that_moves_and_changes_is_the_same_one(repo: Path) -> None:
    put(repo, "clusters/prod/more.yaml", "---\n".join(SETTINGS.format(f"s{number}") for number in range(4)))
    commit(repo)
    git(repo, "mv", "clusters/prod", "clusters/live")
    edit(repo, "live", "warn")
    found = looked(repo, "HEAD")
    assert changed(found) == {"live": ["modified settings"]}
    assert "renamed-environment" in {impact.kind for impact in of(found, "live").impacts}


def test_names_that_differ_in_case_are_different_files(repo: Path) -> None:
    commit(repo, clusters__prod__Web="a: b\n", clusters__prod__web="a: c\n")
    put(repo, "clusters/prod/Web.yaml", SETTINGS.format("upper"))
    put(repo, "clusters/prod/web.yaml", SETTINGS.format("lower"))
    assert changed(looked(repo, "HEAD")) == {"prod": ["added lower", "added upper"]}


@pytest.fixture
def joined(repo: Path, tmp_path: Path) -> Path:
    """The same, where prod is built from a submodule."""
    apps = tmp_path / "other"
    put(apps, "settings.yaml", SETTINGS.format("apps"))
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(apps))
    commit(apps)
    git(repo, "submodule", "--quiet", "add", f"file://{apps}", "apps")
    put(repo, "clusters/prod/apps.yaml", KUSTOMIZATION)
    commit(repo)
    return repo


@pytest.mark.parametrize("there", [True, False], ids=["present", "uninitialised"])
def test_what_is_in_a_submodule_is_neither_new_nor_gone(there: bool, joined: Path) -> None:
    if not there:
        git(joined, "submodule", "--quiet", "deinit", "--force", "apps")
    edit(joined, "dev", "debug")
    found = looked(joined, "HEAD")
    assert changed(found) == {"dev": ["modified settings"]} and not found.unread


def test_a_submodule_that_moves_on_changes_what_is_built_from_it(joined: Path) -> None:
    apps = joined / "apps"
    (apps / "settings.yaml").write_text(SETTINGS.format("apps").replace("info", "debug"))
    commit(apps)
    assert changed(looked(joined, "HEAD")) == {"prod": ["modified apps"]}
    commit(joined)
    assert changed(looked(joined, "HEAD~1", "HEAD")) == {"prod": ["modified apps"]}


def test_a_commit_of_a_submodule_that_is_not_here_is_one_sentence(joined: Path) -> None:
    git(joined, "update-index", "--cacheinfo", f"160000,{'1' * 40},apps")
    git(joined, "commit", "--quiet", "--message", "a commit that nobody has")
    with pytest.raises(UsageError, match="commit 111111111111 of the submodule apps is not in this clone"):
        looked(joined, "HEAD")


def test_a_values_file_that_is_only_a_pointer_breaks_the_release_and_takes_nothing_away(repo: Path) -> None:
    """Git LFS leaves a pointer where its content was not fetched."""
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 123\n"
    commit(
        repo,
        **{
            "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
            "charts/web/templates/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {level: {{ .Values.level }}}\n",
            "clusters/prod/kustomization.yaml": "resources: [settings.yaml, release.yaml]\n"
            "generatorOptions: {disableNameSuffixHash: true}\n"
            "configMapGenerator: [{name: values, namespace: default, files: [values.yaml]}]\n",
            "clusters/prod/values.yaml": "level: info\n",
            "clusters/prod/release.yaml": """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: default}
spec:
  interval: 1h
  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}}}
  valuesFrom: [{kind: ConfigMap, name: values}]
""",
        },
    )
    put(repo, "clusters/prod/values.yaml", pointer)
    found = of(looked(repo, "HEAD"), "prod")
    assert [f"{change.action} {change.ref.kind}/{change.ref.name}" for change in found.changes] == ["modified ConfigMap/values"]
    assert "fails" in {impact.kind for impact in found.impacts} and found.level is Level.DANGEROUS
    assert any("HelmRelease/default/web" in each for each in found.unknown)


@pytest.mark.parametrize("name", ["--upload-pack=touch x", "--output=x", "-x", "main:../x", "$(id)", "a b", "\x1b[2J", "main\n"])
def test_a_base_is_a_name_and_nothing_else(name: str, repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", str(repo), f"--base={name}", "--no-cache", "--offline"]) == 2
    said = capsys.readouterr().err
    assert len(said.strip().splitlines()) == 1 and "\x1b" not in said
    assert "origin $(id)" not in said, "whoever copies the command runs it"
    assert not (repo / "x").exists()


def test_what_gitlab_calls_the_base_must_be_a_commit(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", "--output=x")
    with pytest.raises(UsageError, match="is not a commit"):
        looked(repo)


def test_a_copy_lies_in_memory_where_it_is_small_and_nobody_wants_it_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, memory, elsewhere = tmp_path / "repo", tmp_path / "memory", tmp_path / "elsewhere"
    for folder in (root, memory, elsewhere):
        folder.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    (root / "a.yaml").write_text("a: 1\n")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "one")
    monkeypatch.setattr(history, "MEMORY", memory)
    monkeypatch.delenv("TMPDIR", raising=False)

    def where() -> Path:
        with history.copied(history.commit_of(root, "main")) as folder:
            assert (folder / "a.yaml").read_text() == "a: 1\n"
            return folder.parent

    assert where() == memory
    monkeypatch.setattr(history, "SMALL", history.BLOCK - 1)
    assert where() != memory, "one file needs a block"
    monkeypatch.setattr(history, "SMALL", history.BLOCK)
    assert where() == memory
    monkeypatch.setattr(history, "MEMORY", tmp_path / "nowhere")
    assert where() != memory, "some systems have no such folder"
    monkeypatch.setattr(history, "MEMORY", memory)
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    monkeypatch.setattr(tempfile, "tempdir", None)  # which remembers where
    assert where() == elsewhere
    assert list(memory.iterdir()) == [], "nothing stays"


def test_a_finding_of_an_object_that_moves_to_another_file_is_neither_new_nor_gone(repo: Path) -> None:
    broken = SETTINGS.format("broken").replace("level: info", "level: 3")
    base = commit(repo, **{"clusters__prod__a__one.yaml": broken})
    (repo / "clusters/prod/a/one.yaml").unlink()
    put(repo, "clusters/prod/b/other.yaml", broken)
    put(repo, "clusters/prod/b/new.yaml", broken.replace("broken", "another"))
    found = looked(repo, base)
    assert [str(finding.object) for finding in found.brought] == ["ConfigMap/default/another"]
    assert found.removed == ()


def test_a_commit_without_environments_is_told_as_that_commit(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    put(root, "README.md", "a")
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(root))
    commit(root)
    with pytest.raises(UsageError, match=f"^no environment found in {root} at HEAD: add clusters/"):
        looked(root, "HEAD", "HEAD")
