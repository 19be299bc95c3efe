"""A change that was reviewed before is not rendered again, and is once anything is not what it was."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gitops_validate.check import Options
from gitops_validate.model.change import Review
from gitops_validate.report.look import Look
from gitops_validate.report.review import FORMATS, write
from gitops_validate.review import compared
from gitops_validate.review.review import Asked, review

GIT = ("git", "-c", "user.name=test", "-c", "user.email=test@example.org")
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\ndata: {level: info, retries: '3'}\n"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: key, namespace: default}\nstringData: {key: correct-horse}\n"
FILES = {"clusters/prod/settings.yaml": SETTINGS, "clusters/dev/settings.yaml": SETTINGS, "clusters/dev/key.yaml": SECRET}


def git(root: Path, *arguments: str) -> None:
    subprocess.run([*GIT, *arguments], cwd=root, check=True, capture_output=True)


def swap(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def repo(tmp_path: Path, cache: Path) -> Path:  # noqa: ARG001 - one that nothing else has written to
    """Two environments on main, and a change to prod that is not committed."""
    root = tmp_path / "repo"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    git(root.parent, "init", "--quiet", "--initial-branch=main", str(root))
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "one")
    swap(root / "clusters/prod/settings.yaml", "info", "debug")
    swap(root / "clusters/dev/key.yaml", "horse", "staple")
    return root


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The reviews that were made, one entry each."""
    found: list[str] = []
    states = compared.states

    def noted(*arguments: object) -> object:
        found.append("made")
        return states(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(compared, "states", noted)
    return found


def looked(root: Path, *, cache: bool = True, base: str = "main") -> Review:
    return review(Options(root, offline=True, cache=cache, workers=1), Asked(base))


def told(found: Review) -> list[str]:
    texts = []
    for form in FORMATS:
        out = io.StringIO()
        write(form, found, out, Look())
        texts.append(out.getvalue())
    return texts


def test_the_second_look_renders_nothing_and_says_the_same(repo: Path, made: list[str]) -> None:
    first, second = looked(repo), looked(repo)
    assert made == ["made"]
    assert told(first) == told(second) == told(looked(repo, cache=False))
    assert first.level == second.level


def test_what_is_kept_holds_no_value_of_a_secret(repo: Path, cache: Path) -> None:
    looked(repo)
    kept = b"".join(path.read_bytes() for path in (cache / "gitops-validate").rglob("review/*/*"))
    assert b"debug" in kept
    assert b"correct" not in kept and b"staple" not in kept


def edited(root: Path) -> None:
    swap(root / "clusters/prod/settings.yaml", "debug", "trace")


def committed(root: Path) -> None:
    git(root, "commit", "--quiet", "--all", "--message", "two")


def configured(root: Path) -> None:
    (root / ".gitops-validate.yaml").write_text("version: 1\nprofile: strict\n")


@pytest.mark.parametrize("change", [edited, committed, configured])
def test_anything_that_is_another_makes_another_review(change: Callable[[Path], None], repo: Path, made: list[str]) -> None:
    looked(repo)
    change(repo)
    found = looked(repo)
    assert made == ["made", "made"]
    assert told(found) == told(looked(repo, cache=False))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"[{}, {}]", b'[{}, {"base": 1}]', b"{}", b"[[], 3]", b"[1, 2, 3]"])
def test_an_entry_of_somebody_else_is_no_review(body: bytes, repo: Path, made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    looked(repo)
    monkeypatch.setattr("gitops_validate.keeping.cache.Cache.get", lambda _self, kind, _key: body if kind == "review" else None)
    looked(repo)
    assert made == ["made", "made"]
