"""Whose word counts: in a merge request, the base commit's.

The tree under review belongs to whoever opened the merge request. Its configuration could waive what it breaks, so the configuration is
taken from the commit that the merge request starts from; git is run without hooks, filters or the checkout's own settings having a say.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gitops_validate.discover import CONFIG
from gitops_validate.errors import UsageError
from gitops_validate.revisions import git

if TYPE_CHECKING:
    from gitops_validate.building.hosts import Hosts
    from gitops_validate.config import Config
    from gitops_validate.engine import Engine
    from gitops_validate.revisions.former import Former
    from gitops_validate.revisions.history import Commit

COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def base() -> str:
    """The commit that a merge request starts from, "" outside of one. Raises UsageError if the variable holds anything else."""
    commit = os.environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "")
    if commit and not COMMIT.fullmatch(commit):
        raise UsageError("CI_MERGE_REQUEST_DIFF_BASE_SHA is not a commit: it must be 40 or 64 hexadecimal digits")
    return commit


def base_commit(root: Path) -> Commit | None:
    """In a merge request, the commit that it starts from, as the repository of the checkout at `root` has it. Else None."""
    from gitops_validate.revisions.history import Commit  # noqa: PLC0415 - not needed where the report is known already

    return Commit(root, commit, "") if (commit := base()) else None


def hosts(start: Commit | None, engine: Engine) -> Hosts:
    """Which hosts may be asked for the charts of a source, and be shown a login: in a merge request those that the sources of its base name."""
    from gitops_validate.building.hosts import BaseHosts, OwnHosts  # noqa: PLC0415 - not needed where the report is known already
    from gitops_validate.revisions.former import Former  # noqa: PLC0415 - the same

    return BaseHosts(Former(start.root, start.sha), engine) if start else OwnHosts()


def configuration(root: Path, engine: Engine, start: Commit | None) -> Config:
    """The configuration that counts: in a merge request that of the commit that it starts from, else the checkout's own. Raises UsageError."""
    from gitops_validate.config import load  # noqa: PLC0415 - not needed where the report is known already

    return load(root, engine, text=_at(start, CONFIG)) if start else load(root, engine)


def base_file(start: Commit | None) -> Callable[[str], bytes] | None:
    """In a merge request, what a file of the checkout held where the request starts from: empty if it was not there. Else None."""
    return partial(_at, start) if start else None


def tip() -> str:
    """The last commit of a change: in a pipeline on merged results that of the source branch, else what is checked out."""
    source = os.environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "")
    return source if COMMIT.fullmatch(source) else "HEAD"


def former(root: Path) -> Former | None:
    """In a merge request, where it starts and ends."""
    from gitops_validate.revisions.former import Former  # noqa: PLC0415 - not needed where the report is known already

    return Former(root, commit, tip()) if (commit := base()) else None


@contextmanager
def revision_of(root: Path) -> Iterator[Callable[[], str]]:
    """Begin to ask for the commit that is checked out; what it gives tells the answer, "" when that cannot be told."""
    command = (*git.command(root), "rev-parse", "--verify", "--quiet", "--end-of-options", "HEAD")
    try:
        process = subprocess.Popen(command, env=git.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        yield lambda: ""
        return
    with process:
        try:
            yield lambda: _answer(process)
        finally:
            process.kill()


def _answer(process: subprocess.Popen[bytes]) -> str:
    try:
        found, _ = process.communicate(timeout=git.SECONDS)
    except subprocess.TimeoutExpired:
        return ""
    return found.decode().strip() if process.returncode == 0 else ""


def _at(start: Commit, path: str) -> bytes:
    """A file of a commit, empty if the commit has none. Raises UsageError if that cannot be told."""
    listed = git.ask(start.root, "ls-tree", "-z", start.sha, "--", path)
    _, kind, found = (listed or b"- - -").partition(b"\t")[0].decode().split()
    content = git.ask(start.root, "cat-file", "blob", found) if kind == "blob" else b""
    if listed is None or content is None:
        commit = start.sha.partition(":")[0]
        raise UsageError(
            f"commit {commit[:12]}, which the merge request starts from, is not in this clone: fetch it with `git fetch --depth=1 origin {commit}`"
        )
    return content
