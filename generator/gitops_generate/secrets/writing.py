"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from gitops_generate.errors import Refused


def write(repository: Path, files: Mapping[Path, bytes]) -> list[Path]:
    """Write files, given relative to a repository, in their order; each is either as it was or as it shall be. Returns those that changed.

    All are written beside their places first, so that a full disk changes nothing. Raises Refused where a path leads out of the repository, and OSError.
    """
    waiting: list[tuple[Path, Path]] = []
    try:
        for path, content in files.items():
            target = _inside(repository, path)
            if not (target.is_file() and target.read_bytes() == content):
                waiting.append((_beside(target, content), target))
        for scratch, target in waiting:
            os.replace(scratch, target)
    finally:
        for scratch, _ in waiting:
            with suppress(OSError):
                scratch.unlink()
    return [target.relative_to(repository) for _, target in waiting]


def read(repository: Path, path: Path, maximum: int) -> bytes | None:
    """A file's content, None where there is none. Raises Refused for links out of the repository, and for files that are too large."""
    target = _inside(repository, path)
    try:
        with target.open("rb") as stream:
            content = stream.read(maximum + 1)
    except FileNotFoundError:
        return None
    if len(content) > maximum:
        raise Refused(f"{path} is larger than {maximum >> 20} MiB")
    return content


def _inside(repository: Path, path: Path) -> Path:
    target = repository / path
    if not target.resolve().is_relative_to(repository.resolve()) or target.is_symlink():
        raise Refused(f"{path} is a link, or leads out of the repository: secrets are plain files inside it")
    return target


def _beside(target: Path, content: bytes) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            os.fchmod(stream.fileno(), 0o644)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        os.unlink(name)
        raise
    return Path(name)
