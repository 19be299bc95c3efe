"""Walk a checkout: every file by the digest of its content. Nothing is parsed, no link is followed, nothing but regular files is opened."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from gitops_validate.errors import UsageError
from gitops_validate.model.record import Veiled

CONFIG = ".gitops-validate.yaml"
SKIPPED = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".venv",
        "node_modules",
        "__pycache__",
        ".terraform",
        ".tox",
    }
)
"""Folders that no GitOps controller reads and that can be large."""
HASHED = 16 << 20
"""Bytes up to which a file's content is hashed; a larger one, which nothing here parses, is known by its size and time."""
TICK = 20_000_000
"""Nanoseconds in which a file may be written twice without another time on it: more than any file system takes for one step of its clock."""
Stamp = tuple[int, int, int, int]
"""What is another one when a file is: its inode, its size, and when its content and itself were changed last, in nanoseconds."""


class Checkout(Veiled, Struct, frozen=True):
    """The files of a checkout. Paths are relative to `root`, with slashes."""

    root: Path
    digests: dict[str, str]
    links: dict[str, str] = field(default_factory=dict)
    unreadable: tuple[tuple[str, str], ...] = ()
    """Paths that could not be read, each with the reason."""
    stamps: dict[str, Stamp] = field(default_factory=dict)
    began: int = 0
    """When the walk began, in nanoseconds."""

    @property
    def is_unchanged(self) -> bool:
        """Whether all files are still those that were walked: of what was written since, the digests say nothing."""
        return all(map(self.has, self.stamps))

    def has(self, path: str) -> bool:
        """Whether a file is still the one that was walked."""
        try:
            return _stamp(os.lstat(f"{self.root}/{path}")) == self.stamps.get(path)
        except OSError:
            return False

    def known(self, path: str, stamp: Stamp) -> str:
        """The digest of a file that bears this stamp, "" if it may have been written again since."""
        return self.digests[path] if self.stamps.get(path) == stamp and stamp[-1] + TICK < self.began else ""


def discover(start: Path) -> Checkout:
    """Walk a checkout: `start` if it holds clusters/, else the nearest folder above with a configuration or a .git, else `start` itself.

    Raises UsageError when `start` is not a folder.
    """
    return walk_root(root_of(start))


def walk_root(root: Path, cache: Path | None = None, before: Checkout | None = None) -> Checkout:
    """Walk a folder that is the root of a checkout. Our own cache, where it lies in it, is no part of it.

    Files that were not touched since it was walked `before` are not read again.
    """
    checkout = Checkout(root, {}, began=time.time_ns())
    unreadable = sorted(_walk(checkout, before or checkout, os.fspath(cache) if cache else ""))
    return replace(checkout, unreadable=tuple(unreadable))


def root_of(start: Path) -> Path:
    """The root of the checkout that `start` lies in. Raises UsageError when `start` is not a folder."""
    try:
        if not start.is_dir():
            raise UsageError(f"{start} is not a folder: name the root of a checkout")
        start = start.resolve()
    except OSError as fault:  # the working folder may be gone, or nobody's business
        raise UsageError(f"{start} cannot be looked into: {fault.strerror or fault}") from fault
    if (start / "clusters").is_dir():
        return start
    return next((folder for folder in (start, *start.parents) if (folder / CONFIG).exists() or (folder / ".git").exists()), start)


def top_of(root: Path) -> Path:
    """The folder with the .git that the root of a checkout lies in; without one, the root."""
    return next((each for each in (root, *root.parents) if (each / ".git").exists()), root)


def _walk(checkout: Checkout, before: Checkout, without: str) -> Iterator[tuple[str, str]]:
    waiting = [(os.fspath(checkout.root), "")]
    while waiting:
        name, prefix = waiting.pop()
        try:
            entries = sorted(os.scandir(name), key=lambda entry: entry.name)
        except OSError as fault:
            yield prefix or ".", fault.strerror or "cannot be listed"
            continue
        for entry in entries:
            path = prefix + entry.name
            try:
                path.encode()
            except UnicodeEncodeError:
                yield (
                    path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
                    "the name is not UTF-8",
                )
                continue
            if entry.is_symlink():
                checkout.links[path] = os.readlink(entry.path)
            elif entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED and entry.path != without:
                    waiting.append((entry.path, path + "/"))
            elif entry.name != ".git":  # of a submodule or a worktree: where git keeps the rest
                try:
                    status = entry.stat(follow_symlinks=False)
                    stamp = _stamp(status)
                    checkout.digests[path] = before.known(path, stamp) or _digest(entry.path, status)
                    checkout.stamps[path] = stamp
                except OSError as fault:
                    yield path, fault.strerror or "cannot be read"


def file_digest(path: str | Path) -> str:
    """What identifies a file's content. A pipe, socket or device is never opened. Raises OSError."""
    return _digest(path, os.lstat(path))


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _digest(path: str | Path, status: os.stat_result) -> str:
    if not stat.S_ISREG(status.st_mode):
        return f"irregular-{stat.S_IFMT(status.st_mode):o}"
    if status.st_size > HASHED:
        return f"large-{status.st_size}-{status.st_mtime_ns}-{status.st_ino}"
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb", buffering=0) as file:
        return blake2b(file.readall(), digest_size=20).hexdigest()
