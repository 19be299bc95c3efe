"""Files that are there whole or not at all, and the checksums that tell whether they are what was written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

SUM = 20
"""Bytes of a checksum."""


def checksum(body: bytes) -> bytes:
    """What stands before a body, so that one that is not what was written is told from it."""
    return blake2b(body, digest_size=SUM).digest()


def at_once(path: str, flags: int) -> int:
    """Open a file without waiting for somebody to write into it, as a pipe in its place would have it. Raises OSError."""
    return os.open(path, flags | os.O_NONBLOCK)


def put(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file, readable by its owner only. Raises OSError; then nothing of it is left."""
    handle, name = _begun(path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(parts)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _begun(folder: Path) -> tuple[int, str]:
    """A new file in a folder, which is made if it is not there: seldom. Raises OSError."""
    try:
        return tempfile.mkstemp(dir=folder, prefix=".new-")
    except FileNotFoundError:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.mkstemp(dir=folder, prefix=".new-")
