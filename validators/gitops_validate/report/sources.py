"""The text of files for the lines that a report shows."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

_LARGEST = 5 << 20


def below(root: Path, given: Mapping[str, bytes] | None = None) -> Callable[[str], str | None]:
    """A function from a path to its text: what was `given`, else the plain file of that path below `root`; None for anything else."""
    top = root.resolve()

    def source(path: str) -> str | None:
        if given and path in given:
            return given[path].decode("utf-8", "replace")
        return _read(top, path)

    return source


def _read(root: Path, path: str) -> str | None:
    try:
        target = root / path
        if not target.parent.resolve().is_relative_to(root):
            return None
        descriptor = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            return file.read(_LARGEST).decode("utf-8", "replace")
    except (OSError, ValueError):
        return None
