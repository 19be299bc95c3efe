"""Checkouts that are written and committed."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write files into a checkout."""
    (root / "clusters/dev").mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def commit(root: Path, files: Mapping[str, str]) -> str:
    """Commit these files, and no others; the commit's name."""
    git = ["git", "-C", str(root), "-c", "user.name=test", "-c", "user.email=test@example.org"]
    for path in (path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts):
        path.unlink()
    write(root, files)
    for args in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "a change"]):
        subprocess.run([*git, *args], check=True)
    return subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
