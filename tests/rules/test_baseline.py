"""`check --write-baseline`: the findings of one day are passed over, what is new speaks, and what is gone is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest_rules import commit_all, git

from gitops_validate.check import Options
from gitops_validate.cli.entry import run
from gitops_validate.judging import baseline
from gitops_validate.model.change import Level
from gitops_validate.model.finding import Finding, Severity
from gitops_validate.model.place import Place
from gitops_validate.review.review import Asked, review

SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: NAME, namespace: default}\nstringData: {password: correct-horse}\n"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", raising=False)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with one old fault."""
    root = tmp_path / "repo"
    (root / "clusters/dev").mkdir(parents=True)
    fault(root, "old")
    git(root, "init", "--quiet", "--initial-branch=main")
    commit_all(root)
    return root


def fault(root: Path, name: str) -> None:
    (root / f"clusters/dev/{name}.yaml").write_text(SECRET.replace("NAME", name))


def wrote(root: Path) -> int:
    return run(["check", str(root), "--offline", "--jobs", "1", "--write-baseline", "--quiet"])


def checked(root: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, set[tuple[str, str]], int]:
    """The exit code, rule and file of what is told, and how much the baseline has."""
    capsys.readouterr()
    code = run(["check", str(root), "--offline", "--jobs", "1", "--format", "json", *more])
    report = json.loads(capsys.readouterr().out)
    return code, {(each["rule"], each["path"]) for each in report["findings"]}, report["summary"]["baseline"]


def test_what_it_has_is_passed_over_though_its_lines_move_and_what_is_new_speaks(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(repo, capsys) == (1, {("plaintext-secret", "clusters/dev/old.yaml")}, 0)
    assert wrote(repo) == 0
    (repo / "clusters/dev/old.yaml").write_text("# moved\n\n" + SECRET.replace("NAME", "old"))
    assert checked(repo, capsys) == (0, set(), 1)
    fault(repo, "new")
    assert checked(repo, capsys) == (1, {("plaintext-secret", "clusters/dev/new.yaml")}, 1)


def test_a_second_fault_of_the_same_object_in_another_file_is_new(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrote(repo)
    (repo / "clusters/dev/again.yaml").write_text(SECRET.replace("NAME", "old"))
    code, found, known = checked(repo, capsys)
    assert (code, known) == (1, 1)
    assert ("plaintext-secret", "clusters/dev/again.yaml") in found


def test_what_is_gone_makes_its_entry_unused_until_it_is_written_again(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrote(repo)
    (repo / "clusters/dev/old.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: old, namespace: default}\n")
    assert checked(repo, capsys) == (0, {("unused-baseline", baseline.NAME)}, 0)
    run(["check", str(repo), "--offline", "--jobs", "1"])
    said = capsys.readouterr().out
    assert f"{baseline.NAME}:4:1" in said
    assert "--write-baseline" in said
    wrote(repo)
    assert (repo / baseline.NAME).read_text().endswith("findings: []\n")
    assert checked(repo, capsys) == (0, set(), 0)


def test_no_value_stands_in_it_and_writing_it_twice_gives_the_same(repo: Path) -> None:
    wrote(repo)
    first = (repo / baseline.NAME).read_bytes()
    assert b"correct-horse" not in first
    assert b"Secret/default/old" in first
    wrote(repo)
    assert (repo / baseline.NAME).read_bytes() == first
    assert sorted(path.name for path in repo.iterdir()) == [".git", baseline.NAME, "clusters"]


def test_reports_count_it(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrote(repo)
    capsys.readouterr()
    for form, said in {
        "text": "1 in the baseline",
        "markdown": "1 in the baseline",
        "html": "In the baseline",
        "sarif": '"justification": "in the baseline"',
        "junit": "waived: in the baseline",
        "json": '"waiver": "in the baseline"',
    }.items():
        assert run(["check", str(repo), "--offline", "--jobs", "1", "--format", form]) == 0
        assert said in capsys.readouterr().out, form


def test_a_merge_request_cannot_bring_its_own(repo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    wrote(repo)
    base = commit_all(repo)
    fault(repo, "new")
    wrote(repo)
    assert checked(repo, capsys) == (0, set(), 2)
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", base)
    assert checked(repo, capsys) == (1, {("plaintext-secret", "clusters/dev/new.yaml"), ("unused-baseline", baseline.NAME)}, 1)
    assert wrote(repo) == 2
    (repo / baseline.NAME).unlink()
    assert checked(repo, capsys) == (1, {("plaintext-secret", f"clusters/dev/{name}.yaml") for name in ("old", "new")}, 0)


def test_a_review_tells_that_it_grew(repo: Path) -> None:
    wrote(repo)
    commit_all(repo)
    git(repo, "checkout", "--quiet", "-b", "work")
    fault(repo, "new")
    wrote(repo)
    commit_all(repo)
    found = review(Options(repo, offline=True, cache=False, workers=1), Asked("main", ""))
    grown = [impact for impact in found.repository if impact.kind == "baseline" and impact.level is Level.DANGEROUS]
    assert [impact.message for impact in grown] == [
        f"{baseline.NAME}: passes over 1 more finding: plaintext-secret Secret/default/new clusters/dev/new.yaml"
    ]


@pytest.mark.parametrize("more", [("--env", "dev"), ("--changed-since", "main"), ("--require-secrets",)])
def test_it_is_written_of_all_that_a_plain_check_finds(repo: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]) -> None:
    assert run(["check", str(repo), "--offline", "--write-baseline", *more]) == 2
    assert "leave --env" in capsys.readouterr().err
    assert not (repo / baseline.NAME).exists()


def test_with_some_environments_only_nothing_is_called_gone(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / "clusters/prod").mkdir()
    (repo / "clusters/prod/bad.yaml").write_text(SECRET.replace("NAME", "Bad_"))
    wrote(repo)
    assert checked(repo, capsys, "--env", "dev")[:2] == (0, set())


def test_a_link_is_not_followed(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("mine")
    (repo / baseline.NAME).symlink_to(tmp_path / "outside")
    assert run(["check", str(repo), "--offline"]) == 2
    assert wrote(repo) in (0, 1)
    assert (tmp_path / "outside").read_text() == "mine"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 2\nfindings: []\n", f"{baseline.NAME}:1:1: version must be 1"),
        ("version: 1\nfindings:\n  - {rule: a, path: b, fingerprint: 12}\n", f"{baseline.NAME}:3:"),
        ("version: 1\nfindings: {}\n", "findings must be a list"),
        ("[", f"{baseline.NAME}:1"),
    ],
)
def test_a_broken_one_is_one_sentence(repo: Path, capsys: pytest.CaptureFixture[str], text: str, said: str) -> None:
    (repo / baseline.NAME).write_text(text)
    assert run(["check", str(repo), "--offline", "--jobs", "1"]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_any_name_is_read_back() -> None:
    from gitops_validate.engine import Engine  # noqa: PLC0415 - the one test that needs it by itself

    path = 'a "b": \u2028\x7f\U0001f600{,}#/é\n\t\\.yaml'
    finding = Finding("api-verdict", Severity.ERROR, "wrong", Place(path), "0" * 64, environment="de: v")
    with Engine([], workers=1) as engine:
        (entry,) = baseline.parse(baseline.written([finding]).encode(), engine)
    assert (entry.path, entry.environment, entry.line) == (path, "de: v", 4)
