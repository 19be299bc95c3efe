"""A generated platform with a company's own workload in it, committed, and reviews of what is changed in a copy of it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from gitops_generate.cli.entry import run as generate
from gitops_validate.check import Options
from gitops_validate.model.change import Review
from gitops_validate.review.review import Asked, review

HERE = Path(__file__).parent
GIT = ("git", "-c", "user.name=test", "-c", "user.email=test@example.org")
Reviewed = Callable[..., Review]


def git(root: Path, *arguments: str) -> str:
    """What git prints."""
    return subprocess.run([*GIT, *arguments], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def commit(root: Path) -> str:
    """Commit everything; the commit's name."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "a change")
    return git(root, "rev-parse", "HEAD")


@pytest.fixture(scope="session")
def company() -> object:
    """The module that knows the workload; tests are imported by their path."""
    spec = spec_from_file_location("review_company", HERE / "company.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, company: object) -> Path:
    """A platform of three environments with encrypted secrets, committed on main, that nobody changes."""
    root = tmp_path_factory.mktemp("review") / "platform"
    assert generate(["new", str(root), "--defaults", "--no-check", "--keys-dir", str(root.parent / "keys")]) == 0
    company.write(root)  # type: ignore[attr-defined]
    commit(root)
    return root


@pytest.fixture(scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _surroundings(_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPS_VALIDATE_CACHE", str(_cache))
    for name in ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "CI_MERGE_REQUEST_IID"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def committed() -> Callable[[Path], str]:
    """Makes a folder a repository, with everything in one commit on main."""

    def make(root: Path) -> str:
        git(root, "init", "--quiet", "--initial-branch=main")
        return commit(root)

    return make


@pytest.fixture
def copy(platform: Path, tmp_path: Path) -> Path:
    """A copy of the platform that may be changed."""
    shutil.copytree(platform, tmp_path / "copy", symlinks=True)
    return tmp_path / "copy"


@pytest.fixture
def reviewed(copy: Path) -> Reviewed:
    """Reviews the copy as it is against what was committed."""
    return lambda base="main", head="", root=copy: review(Options(root, offline=True, workers=1), Asked(base, head))
