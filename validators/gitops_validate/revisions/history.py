"""An earlier state of a checkout: which commit a change starts from, and a copy of its files."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import IO, NamedTuple

from msgspec import Struct

from gitops_validate.errors import UsageError
from gitops_validate.report.escape import visible
from gitops_validate.revisions import git

LINK, FOLDER = "120000", "160000"
"""Modes of git's tree: a symbolic link, and a submodule, of which only the folder is here."""
ENTRY = re.compile(rb"(\d{6}) \w+ ([0-9a-f]{40,64}) +(\d+|-|BAD)\t(.+)", re.DOTALL)
PIECE = 1 << 20
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder below it is made as any temporary one
"""Where Linux keeps files in memory: some hundred small ones take a tenth of the time there, and no disk keeps anything of them."""
SMALL = 64 << 20
"""Bytes of files that may lie in memory, if there is room for twice as many."""
BLOCK = 4096
"""Bytes that the smallest file takes."""


class Commit(Struct, frozen=True):
    """A commit of a repository; `tree` identifies the content of the folder `root` at it, "" if it had none."""

    root: Path
    sha: str
    tree: str


class Entry(NamedTuple):
    """One file of a tree; a submodule has no size, nor has what is not in this clone."""

    mode: str
    blob: str
    size: int
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
        raise UsageError(
            f"{ref!r} names no commit of this clone: fetch it, as in `git fetch --depth=1 origin {visible(quote(ref))}`, or correct its name"
        )
    return named


def _revision(root: Path, name: str) -> str:
    return (git.ask(root, "rev-parse", "--verify", "--quiet", "--end-of-options", name) or b"").decode().strip()


@contextmanager
def copied(commit: Commit, clone: Path | None = None) -> Iterator[Path]:
    """A folder that holds the files of a commit as they are stored, for as long as the context lasts; those of submodules where the clone has them.

    `clone` is the checkout, if the commit lies in another repository. Raises UsageError if some files are not in this clone.
    """
    with copying(commit, clone) as (folder, copy):
        copy()
        yield folder


@contextmanager
def copying(commit: Commit, clone: Path | None = None) -> Iterator[tuple[Path, Callable[[], None]]]:
    """The same with the folder still empty, and what fills it: somebody else may get ready for it meanwhile."""
    entries = list(_entries(commit))
    with tempfile.TemporaryDirectory(prefix="gitops-validate-", dir=_place(entries)) as name:
        folder = Path(name).resolve()

        def copy() -> None:
            try:
                _write(commit, entries, folder, clone or commit.root)
            except OSError as fault:
                raise UsageError(f"cannot copy commit {commit.sha[:12]} to {folder}: {fault.strerror or fault}") from fault

        yield folder, copy


def contents(commit: Commit, largest: int) -> Iterator[tuple[str, bytes]]:
    """The files of a commit by their paths, without links and submodules.

    Raises UsageError if some are not in this clone, or if they have more bytes than `largest` in all.
    """
    entries = [entry for entry in _entries(commit) if entry.mode not in (LINK, FOLDER)]
    if sum(entry.size for entry in entries) > largest:
        raise UsageError(f"the files of commit {commit.sha[:12]} have more than {largest >> 20} MiB")
    with _contents(commit, entries) as stored:
        for entry in entries:
            body = stored.read(_size(commit, stored))
            stored.read(1)
            yield entry.path, body


def _place(entries: Sequence[Entry]) -> Path | None:
    """Memory, if that is small enough and the user wants it nowhere else; None for where temporary files usually lie."""
    needed = sum(entry.size // BLOCK + 1 for entry in entries) * BLOCK
    if "TMPDIR" in os.environ or needed > SMALL or any(entry.mode == FOLDER for entry in entries) or not os.access(MEMORY, os.W_OK | os.X_OK):
        return None
    room = os.statvfs(MEMORY)
    return MEMORY if room.f_bavail * room.f_frsize > 2 * needed else None


def _write(commit: Commit, listed: Iterable[Entry], folder: Path, clone: Path) -> None:
    """Links come last, so that nothing is written through one."""
    entries = sorted(listed, key=lambda entry: entry.mode == LINK)
    for parent in {os.path.dirname(entry.path) if entry.mode != FOLDER else entry.path for entry in entries}:
        os.makedirs(f"{folder}/{parent}", exist_ok=True)
    for entry in entries:
        if entry.mode == FOLDER and _is_checked_out(clone, entry.path):
            within = _submodule(clone, entry)
            _write(within, _entries(within), folder / entry.path, clone / entry.path)
    stored = [entry for entry in entries if entry.mode != FOLDER]
    with _contents(commit, stored) as contents:
        for entry in stored:
            _put(f"{folder}/{entry.path}", entry, contents, _size(commit, contents))


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
    listed = git.ask(commit.root, "ls-tree", "-r", "-l", "-z", commit.sha)
    if listed is None:
        raise _missing(commit)
    for line in listed.split(b"\0")[:-1]:
        found = ENTRY.fullmatch(line)
        path = os.fsdecode(found[4]) if found else ""
        if found is None or any(part in ("", ".", "..") or part.lower() == ".git" for part in path.split("/")):
            raise UsageError(f"commit {commit.sha[:12]} holds a path that no checkout can have")
        yield Entry(found[1].decode(), found[2].decode(), int(found[3]) if found[3].isdigit() else 0, path)


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


def _put(target: str, entry: Entry, contents: IO[bytes], size: int) -> None:
    if entry.mode == LINK:
        os.symlink(contents.read(size), os.fsencode(target))
    else:
        with open(target, "xb") as file:
            while size and (piece := contents.read(min(size, PIECE))):
                file.write(piece)
                size -= len(piece)
    contents.read(1)


def _missing(commit: Commit) -> UsageError:
    return UsageError(f"commit {commit.sha[:12]} is not whole in this clone: fetch it with `git fetch --depth=1 origin {commit.sha}`")
