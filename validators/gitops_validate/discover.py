"""Walk a checkout: every file by the digest of its content. Nothing is parsed, no link is followed, nothing but regular files is opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from msgspec import Struct, field

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


class Checkout(Veiled, Struct, frozen=True):
    """The files of a checkout. Paths are relative to `root`, with slashes."""

    root: Path
    digests: dict[str, str]
    links: dict[str, str] = field(default_factory=dict)
    unreadable: tuple[tuple[str, str], ...] = ()
    """Paths that could not be read, each with the reason."""


def discover(start: Path) -> Checkout:
    """Walk a checkout: `start` if it holds clusters/, else the nearest folder above with a configuration or a .git, else `start` itself.

    Raises UsageError when `start` is not a folder.
    """
    return walk_root(root_of(start))


def walk_root(root: Path, cache: Path | None = None) -> Checkout:
    """Walk a folder that is the root of a checkout. Our own cache, where it lies in it, is no part of it."""
    checkout = Checkout(root, {}, {})
    unreadable = sorted(_walk(checkout, root, "", os.fspath(cache) if cache else ""))
    return Checkout(root, checkout.digests, checkout.links, tuple(unreadable))


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


def _walk(checkout: Checkout, folder: Path, prefix: str, without: str) -> Iterator[tuple[str, str]]:
    waiting = [(os.fspath(folder), prefix)]
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
                    checkout.digests[path] = file_digest(entry.path)
                except OSError as fault:
                    yield path, fault.strerror or "cannot be read"


def file_digest(path: str | Path) -> str:
    """What identifies a file's content. A pipe, socket or device is never opened. Raises OSError."""
    status = os.lstat(path)
    if not stat.S_ISREG(status.st_mode):
        return f"irregular-{stat.S_IFMT(status.st_mode):o}"
    if status.st_size > HASHED:
        return f"large-{status.st_size}-{status.st_mtime_ns}-{status.st_ino}"
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb", buffering=0) as file:
        return blake2b(file.readall(), digest_size=20).hexdigest()
