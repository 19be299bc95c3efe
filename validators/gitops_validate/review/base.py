"""Which commit a change is compared with, and how to come by it in a clone that does not have it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gitops_validate.errors import UsageError
from gitops_validate.revisions import git
from gitops_validate.revisions.history import Commit, commit_of, start_of_change
from gitops_validate.revisions.trust import COMMIT

FETCH_SECONDS = 120
_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


def default_base(root: Path) -> str:
    """The commit that a change is compared with when none is named.

    In a merge request's pipeline GitLab says it: for merged results the target branch that was merged, else the commit that the request starts
    from. Elsewhere it is the branch that everything is merged into. Raises UsageError if there is none.
    """
    for variable in ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "CI_MERGE_REQUEST_DIFF_BASE_SHA"):
        commit = os.environ.get(variable, "")
        if commit and not COMMIT.fullmatch(commit):
            raise UsageError(f"{variable} is not a commit: it must be 40 or 64 hexadecimal digits")
        if commit:
            return commit
    for branch in _BRANCHES:
        if git.ask(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{branch}^{{commit}}") is not None:
            return branch
    raise UsageError(f"{root} has no branch that a change could be compared with: name a commit with --base")


@contextmanager
def at_hand(root: Path, commits: Iterable[str], *, offline: bool) -> Iterator[Callable[[str], Path]]:
    """Tells which repository has a commit: the clone, or one beside it into which those were fetched that the clone lacks. The clone is not written to.

    `commits` are complete names; whatever else is asked for is the clone's to know. Raises UsageError if one cannot be had.
    """
    missing = [commit for commit in dict.fromkeys(commits) if not _has(root, commit)]
    if not missing:
        yield lambda _commit: root
        return
    if offline:
        raise UsageError(
            f"commit {missing[0][:12]} is not in this clone, and --offline fetches nothing: `git fetch --depth=1 origin {missing[0]}` first"
        )
    with tempfile.TemporaryDirectory(prefix="gitops-validate-") as name:
        for commit in missing:
            _fetch(root, Path(name), commit)
        yield lambda commit: Path(name) if commit in missing else root


def parted(root: Path, ref: str, store: Path) -> Commit:
    """The commit where the work parted from `ref`; one that was fetched is that commit. Raises UsageError."""
    return start_of_change(root, ref) if store == root else exactly(root, ref, store)


def exactly(root: Path, ref: str, store: Path) -> Commit:
    """The commit that `ref` names, with the folder of it that `root` is. Raises UsageError."""
    if store == root:
        return commit_of(root, ref)
    folder = (git.ask(root, "rev-parse", "--show-prefix") or b"").decode().strip().rstrip("/")
    return Commit(store, f"{ref}:{folder}" if folder else ref, commit_of(store, ref).tree)


def _has(root: Path, commit: str) -> bool:
    """Whether a clone has a commit with its files."""
    return git.ask(root, "cat-file", "-e", f"{commit}^{{tree}}") is not None


def _fetch(root: Path, store: Path, commit: str) -> None:
    """Fetch one commit from where the clone came from into a repository of its own. The address, which may hold a token, is no argument."""
    address = (git.ask(root, "config", "--get", "remote.origin.url") or b"").decode().strip()
    missing = f"commit {commit[:12]} is not in this clone"
    if not address:
        raise UsageError(f"{missing}, which has no remote called origin to fetch it from: name another with --base")
    home = os.environ.get("HOME", "/nonexistent")
    try:
        refused = git.fetch(store, address, commit, FETCH_SECONDS, protocols="https:http:ssh:file", home=home)
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise UsageError(f"{missing}, and fetching it took longer than {FETCH_SECONDS} s") from fault
    if refused is not None:
        raise UsageError(f"{missing}, and its remote does not give it: `git fetch --depth=1 origin {commit}` says why")
