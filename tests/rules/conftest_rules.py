"""Checkouts that are written and committed."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

GIT = ("git", "-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "protocol.file.allow=always")


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write files into a checkout."""
    (root / "clusters/dev").mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def git(root: Path, *args: str) -> str:
    """What git prints, asked as somebody in particular."""
    return subprocess.run([*GIT, *args], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def commit_all(root: Path) -> str:
    """Commit the checkout as it is; the commit's name."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "a change")
    return git(root, "rev-parse", "HEAD")


def commit(root: Path, files: Mapping[str, str]) -> str:
    """Commit these files, and no others; the commit's name."""
    for path in (path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts):
        path.unlink()
    write(root, files)
    git(root, "init", "--quiet")
    return commit_all(root)
