"""Where the engine's binary lies, and what identifies it in cache keys."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from gitops_validate.errors import UsageError


@cache
def binary() -> Path:
    """The binary that was built into this installation. Raises UsageError if there is none."""
    found = Path(__file__).parent.parent / "_engine" / "gitops-engine"
    if not found.is_file():
        raise UsageError("gitops-engine is missing from this installation: reinstall gitops-validate, or run `make` in its checkout")
    return found


@cache
def identity() -> str:
    """What changes whenever the binary does: its size and time of change. Enough for a cache on this machine."""
    status = binary().stat()
    return f"{status.st_size}-{status.st_mtime_ns}"
