"""An earlier state of a checkout: which commit a change starts from, and a copy of its files."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from msgspec import Struct

from gitops_validate.errors import UsageError
from gitops_validate.report.escape import visible
from gitops_validate.revisions import git

LINK, FOLDER = "120000", "160000"
"""Modes of git's tree: a symbolic link, and a submodule, of which only the folder is here."""
ENTRY = re.compile(rb"(\d{6}) \w+ ([0-9a-f]{40,64})\t(.+)", re.DOTALL)
PIECE = 1 << 20


class Commit(Struct, frozen=True):
    """A commit of a repository; `tree` identifies the content of the folder `root` at it, "" if it had none."""

    root: Path
    sha: str
    tree: str


class Entry(NamedTuple):
    """One file of a tree."""

    mode: str
    blob: str
    path: str


def start_of_change(root: Path, ref: str) -> Commit:
    """Where the work on `root` parted from `ref`: their merge base, or `ref` itself where the clone is too shallow to tell.

    Raises UsageError when there is no such commit.
    """
    named = _named(root, ref)
    sha = (git.ask(root, "merge-base", named, "HEAD") or b"").decode().strip() or named
    return Commit(root, sha, _revision(root, f"{sha}:./"))


def commit_of(root: Path, ref: str) -> Commit:
    """The commit that a branch, a tag or an abbreviation names. Raises UsageError when there is none."""
    sha = _named(root, ref)
    return Commit(root, sha, _revision(root, f"{sha}:./"))


def below(commit: Commit, folder: str) -> str:
    """What git calls a folder below that of a commit."""
    if ":" in commit.sha:
        return f"{commit.sha}/{folder}"
    own = (git.ask(commit.root, "rev-parse", "--show-prefix") or b"").decode("utf-8", "surrogateescape").strip("\n")
    return f"{commit.sha}:{own}{folder}"


def _named(root: Path, ref: str) -> str:
    if ref.startswith("-"):
        raise UsageError(f"{ref!r} is no commit: a branch, a tag or a commit does not begin with -")
    if git.ask(root, "rev-parse", "--git-dir") is None:
        raise UsageError(f"{root} is not in a git repository, or git is not there: what has changed cannot be told")
    named = _revision(root, f"{ref}^{{commit}}")
    if not named:
        raise UsageError(f"{ref!r} names no commit of this clone: fetch it, as in `git fetch --depth=1 origin {ref}`, or correct its name")
    return named


def _revision(root: Path, name: str) -> str:
    return (git.ask(root, "rev-parse", "--verify", "--quiet", "--end-of-options", name) or b"").decode().strip()


@contextmanager
def copied(commit: Commit, clone: Path | None = None) -> Iterator[Path]:
    """A folder that holds the files of a commit as they are stored, for as long as the context lasts; those of submodules where the clone has them.

    `clone` is the checkout, if the commit lies in another repository. Raises UsageError if some files are not in this clone.
    """
    with tempfile.TemporaryDirectory(prefix="gitops-validate-") as name:
        folder = Path(name).resolve()
        try:
            _write(commit, folder, clone or commit.root)
        except OSError as fault:
            raise UsageError(f"cannot copy commit {commit.sha[:12]} to {folder}: {fault.strerror or fault}") from fault
        yield folder


def _write(commit: Commit, folder: Path, clone: Path) -> None:
    """Links come last, so that nothing is written through one."""
    entries = sorted(_entries(commit), key=lambda entry: entry.mode == LINK)
    for parent in {os.path.dirname(entry.path) if entry.mode != FOLDER else entry.path for entry in entries}:
        (folder / parent).mkdir(parents=True, exist_ok=True)
    for entry in entries:
        if entry.mode == FOLDER and _is_checked_out(clone, entry.path):
            _write(_submodule(clone, entry), folder / entry.path, clone / entry.path)
    stored = [entry for entry in entries if entry.mode != FOLDER]
    with _contents(commit, stored) as contents:
        for entry in stored:
            _put(folder / entry.path, entry, contents, _size(commit, contents))


def _is_checked_out(clone: Path, path: str) -> bool:
    """Whether a submodule is more than an empty folder here. One that a link leads to is none."""
    folder = clone / path
    return (folder / ".git").exists() and folder.resolve() == clone.resolve() / path


def _submodule(clone: Path, entry: Entry) -> Commit:
    """What a submodule is at: if that is not here, what the commit holds would pass for less than it is. Raises UsageError."""
    if git.ask(clone / entry.path, "cat-file", "-e", f"{entry.blob}^{{tree}}") is None:
        raise UsageError(
            f"commit {entry.blob[:12]} of the submodule {visible(entry.path)} is not in this clone: fetch it with `git fetch --depth=1 origin {entry.blob}` there"
        )
    return Commit(clone / entry.path, entry.blob, "")


def _entries(commit: Commit) -> Iterator[Entry]:
    listed = git.ask(commit.root, "ls-tree", "-r", "-z", commit.sha)
    if listed is None:
        raise _missing(commit)
    for line in listed.split(b"\0")[:-1]:
        found = ENTRY.fullmatch(line)
        path = os.fsdecode(found[3]) if found else ""
        if found is None or any(part in ("", ".", "..") or part.lower() == ".git" for part in path.split("/")):
            raise UsageError(f"commit {commit.sha[:12]} holds a path that no checkout can have")
        yield Entry(found[1].decode(), found[2].decode(), path)


@contextmanager
def _contents(commit: Commit, entries: list[Entry]) -> Iterator[IO[bytes]]:
    """What git prints of these blobs, one after the other."""
    with tempfile.TemporaryFile() as asked:
        asked.write("".join(f"{entry.blob}\n" for entry in entries).encode())
        asked.seek(0)
        command = (*git.command(commit.root), "cat-file", "--batch")
        with subprocess.Popen(command, env=git.environment(), stdin=asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout
            try:
                yield process.stdout
            finally:
                process.kill()


def _size(commit: Commit, contents: IO[bytes]) -> int:
    match contents.readline().split():
        case [_, b"blob", size]:
            return int(size)
    raise _missing(commit)


def _put(target: Path, entry: Entry, contents: IO[bytes], size: int) -> None:
    if entry.mode == LINK:
        os.symlink(contents.read(size), os.fsencode(target))
    else:
        with target.open("xb") as file:
            while size and (piece := contents.read(min(size, PIECE))):
                file.write(piece)
                size -= len(piece)
    contents.read(1)


def _missing(commit: Commit) -> UsageError:
    return UsageError(f"commit {commit.sha[:12]} is not whole in this clone: fetch it with `git fetch --depth=1 origin {commit.sha}`")
