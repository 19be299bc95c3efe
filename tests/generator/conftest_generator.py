"""A generated repository with keys and secrets, made once; each test gets its own copy."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gitops_generate.cli.entry import run
from gitops_validate.check import Options, check
from gitops_validate.report.json import as_values

ENVIRONMENTS = (
    "[{name: dev, domain: dev.example.org, size: small, kubernetes: '1.36', live: false, addresses: 10.1.0.10-10.1.0.20},"
    " {name: prod, domain: example.org, size: ha, kubernetes: '1.35', live: false, addresses: 10.2.0.10-10.2.0.20}]"
)


class Place:
    """A repository and the folder of its private keys."""

    def __init__(self, repository: Path, keys: Path) -> None:
        self.repository, self.keys = repository, keys

    def run(self, *arguments: str) -> int:
        """`gitops-generate` on this repository; the options of the group go after its name."""
        first, *rest = arguments
        options = ["--repo", str(self.repository), *(["--keys-dir", str(self.keys)] if first == "secrets" else [])]
        return run([first, *options, *rest] if first in {"secrets", "status"} else [*arguments, *options])

    def file(self, name: str) -> Path:
        """The one encrypted file of that name, as environment/name."""
        environment, secret = name.split("/")
        (found,) = self.repository.glob(f"platform/*/*/overlays/{environment}/secrets/{secret}.sops.yaml")
        return found


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("made")
    arguments = ["--defaults", "--no-check", "--keys-dir", str(folder / "keys"), "-d", f"environments={ENVIRONMENTS}", "-d", "components=[mlflow]"]
    assert run(["new", str(folder / "platform"), *arguments]) == 0
    return Place(folder / "platform", folder / "keys")


@pytest.fixture
def place(made: Place, tmp_path: Path) -> Place:
    for name in ("platform", "keys"):
        shutil.copytree(made.repository.parent / name, tmp_path / name, symlinks=True)
    return Place(tmp_path / "platform", tmp_path / "keys")


Contents = Callable[[], dict[str, Any]]


def contents(repository: Path) -> dict[str, bytes]:
    """All files but git's."""
    return {str(path.relative_to(repository)): path.read_bytes() for path in repository.rglob("*") if path.is_file() and ".git" not in path.parts}


def git(repository: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    return subprocess.run(["git", *identity, *arguments], cwd=repository, capture_output=True, text=True, check=True).stdout


def commit(place: Place) -> None:
    git(place.repository, "add", "--all")
    git(place.repository, "commit", "--quiet", "--allow-empty", "-m", "x")


def changed(place: Place) -> set[str]:
    git(place.repository, "add", "--all")
    return set(git(place.repository, "diff", "--cached", "--name-only", "--no-renames").split())


def assert_clean(place: Place) -> None:
    report = as_values(check(Options(place.repository, offline=True)))
    assert report["findings"] == []
    assert {gap["what"] for gap in report["incomplete"]} <= {"chart", "no-schema"}
