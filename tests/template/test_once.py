"""Sparing Copier what it does again for each file changes no file."""

import stat
import subprocess
from pathlib import Path
from typing import Any

import copier
import pytest

from gitops_generate import copying
from gitops_generate.once import once

ANSWERS: dict[str, Any] = {"components": ["mlflow"], "object_storage": "none", "sso": "oidc"}


def tree(repository: Path) -> dict[str, tuple[int, bytes]]:
    files = (path for path in repository.rglob("*") if path.is_file() and ".git" not in path.relative_to(repository).parts)
    return {str(path.relative_to(repository)): (stat.S_IMODE(path.stat().st_mode), path.read_bytes()) for path in files}


@pytest.mark.slow
def test_the_same_files_come_of_copier_alone(template: Path, tmp_path: Path) -> None:
    copier.run_copy(str(template), tmp_path / "alone", ANSWERS, vcs_ref="v1.0.0", defaults=True, quiet=True)
    copying.copy(tmp_path / "spared", ANSWERS, ask=False, address=str(template), version="v1.0.0")
    assert len(tree(tmp_path / "alone")) > 100
    assert tree(tmp_path / "alone") == tree(tmp_path / "spared")


@pytest.mark.parametrize("looks", [True, False])
def test_a_file_that_becomes_executable_stays_so_where_git_does_not_look(looks: bool, tmp_path: Path) -> None:
    def git(folder: Path, *arguments: str) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        return subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout

    source, copy = tmp_path / "source", tmp_path / "copy"
    for folder in (source, copy):
        folder.mkdir()
        git(folder, "init", "--quiet")
    git(copy, "config", "core.fileMode", str(looks).lower())
    (source / "tool").write_text("x")
    (source / "tool").chmod(0o755)
    (copy / "tool").write_text("old")
    for folder in (source, copy):
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "-m", "x")
    with once():
        copier.run_copy(str(source), copy, vcs_ref="HEAD", overwrite=True, quiet=True)
    assert git(copy, "ls-files", "--stage", "tool").startswith("100644" if looks else "100755")
    assert (copy / "tool").stat().st_mode & 0o111
