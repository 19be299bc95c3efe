"""The text of files for the lines that a report shows."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

_LARGEST = 5 << 20


def below(root: Path, given: Mapping[str, bytes] | None = None) -> Callable[[str], str | None]:
    """A function from a path to its text: what was `given`, else the plain file of that path below `root`; None for anything else."""
    top = os.path.realpath(root)
    inside = cache(lambda folder: os.path.join(os.path.realpath(folder), "").startswith(os.path.join(top, "")))

    def source(path: str) -> str | None:
        if given and path in given:
            return given[path].decode("utf-8", "replace")
        target = os.path.join(top, path)
        return _read(target) if "\0" not in path and inside(os.path.dirname(target)) else None

    return source


def _read(target: str) -> str | None:
    try:
        descriptor = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            return file.read(_LARGEST).decode("utf-8", "replace")
    except (OSError, ValueError):
        return None
