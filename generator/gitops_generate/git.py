"""Git, as far as a generated repository needs it: no shell, no prompts, no hooks of others."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from gitops_generate.errors import Refused

_QUIET = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.ext.allow=never", "-c", "commit.gpgSign=false")


def git(folder: Path, *arguments: str, feed: bytes | None = None) -> bytes:
    """Run one git command in a folder and return what it prints. Raises Refused with git's last line where it fails."""
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(["git", *_QUIET, *arguments], cwd=folder, input=feed, env=environment, capture_output=True, check=False)
    except FileNotFoundError:
        raise Refused("git is not installed: install it, and try again") from None
    except NotADirectoryError:
        raise Refused(f"{folder} is not a folder") from None
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        raise Refused(f"git {arguments[0]} failed: {words[-1] if words else f'exit code {done.returncode}'}")
    return done.stdout


def clean_root(folder: Path) -> Path:
    """The folder, if it is the root of a checkout in which everything is committed. Raises Refused."""
    if not folder.is_dir():
        raise Refused(f"{folder} is not a folder")
    try:
        top = Path(git(folder, "rev-parse", "--show-toplevel").decode().strip())
    except Refused:
        raise Refused(f"{folder} is in no git repository: run this where the platform's repository is checked out") from None
    if top.resolve() != folder.resolve():
        raise Refused(f"{folder} lies inside the repository {top}: run this at its root")
    changed = git(folder, "status", "--porcelain=v1", "-z", "--untracked-files=normal").decode(errors="replace").split("\0")
    if changed[0]:
        raise Refused(f"{changed[0][3:]} is not committed, and there may be more: commit or stash what you changed, so that nothing of it is lost")
    return folder.resolve()
