"""Earlier versions of a file, from git: asked as the validator asks it, with no setting of the checkout having a say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gitops_validate.revisions import git

MOST = 100
"""Versions that are looked through."""


def earlier(root: Path, path: str) -> Iterator[tuple[str, bytes]]:
    """The committed versions of a file from the newest on: what to call the commit, and the content."""
    newest = "HEAD"
    for commit in (git.ask(root, "rev-list", f"--max-count={MOST}", "HEAD", "--", f":(literal){path}") or b"").decode("ascii", "replace").split():
        body = git.ask(root, "cat-file", "blob", f"{commit}:./{path}")
        if body is not None:  # it was removed there
            yield newest or commit[:12], body
        newest = ""
