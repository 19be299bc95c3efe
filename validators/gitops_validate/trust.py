"""Whose word counts: in a merge request, the base commit's.

The tree under review belongs to whoever opened the merge request. Its configuration could waive what it breaks, so the configuration is
taken from the commit that the merge request starts from; git is run without hooks, filters or the checkout's own settings having a say.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

from gitops_validate.config import Config, load
from gitops_validate.discover import CONFIG
from gitops_validate.engine import Engine
from gitops_validate.errors import UsageError

COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
GIT = ("git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.ext.allow=never", "-c", "safe.directory=*")


def base() -> str:
    """The commit that a merge request starts from, "" outside of one. Raises UsageError if the variable holds anything else."""
    commit = os.environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "")
    if commit and not COMMIT.fullmatch(commit):
        raise UsageError("CI_MERGE_REQUEST_DIFF_BASE_SHA is not a commit: it must be 40 or 64 hexadecimal digits")
    return commit


def names_its_hosts() -> bool:
    """Whether the sources of the checkout may say which public hosts are asked for charts."""
    return not base()


def configuration(root: Path, engine: Engine) -> Config:
    """The configuration that counts: the base commit's in a merge request, else the checkout's own. Raises UsageError."""
    commit = base()
    return load(root, engine, text=_at(root, commit, CONFIG)) if commit else load(root, engine)


def base_file(root: Path) -> Callable[[str], bytes] | None:
    """In a merge request, what a file of the checkout held where the request starts from: empty if it was not there. Else None."""
    commit = base()
    return partial(_at, root, commit) if commit else None


def revision(root: Path) -> str:
    """The commit that is checked out, "" when that cannot be told."""
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", "HEAD")
    return found.decode().strip() if found else ""


def _at(root: Path, commit: str, path: str) -> bytes:
    """A file of a commit, empty if the commit has none."""
    if _git(root, "cat-file", "-e", f"{commit}^{{commit}}") is None:
        raise UsageError(
            f"commit {commit[:12]}, which the merge request starts from, is not in this clone: fetch it with `git fetch --depth=1 origin {commit}`"
        )
    return _git(root, "cat-file", "blob", f"{commit}:./{path}") or b""


def _git(root: Path, *args: str) -> bytes | None:
    """What git prints, None when it fails or is not there."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "HOME": "/nonexistent",
    }
    try:
        done = subprocess.run(
            [*GIT, "-C", os.fspath(root), *args], capture_output=True, timeout=30, check=False, env=environment, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
