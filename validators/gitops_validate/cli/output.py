"""Where data goes: stdout, or a file that is either complete or not there."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from gitops_validate.errors import UsageError
from gitops_validate.report.look import WIDTH


def columns() -> int:
    """How many columns stdout has."""
    return shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH


def emit(text: str) -> None:
    """Write data to stdout. That nobody reads on (`| head`) is not a fault. Raises UsageError where it takes no more."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except OSError as fault:
        raise UsageError(f"cannot write to stdout: {fault.strerror or fault}") from fault


def collect(write: Callable[[TextIO], None]) -> str:
    """All that `write` writes."""
    out = io.StringIO()
    write(out)
    return out.getvalue()


def save(target: Path, text: str, mode: int = 0o666) -> None:
    """Write a file so that it is never seen half-written; a link is replaced, not followed. Devices and pipes are written to."""
    data = text.encode("utf-8", "backslashreplace")
    try:
        if is_device(target):
            with open(target, "wb") as device:
                device.write(data)
        else:
            _replace(target, data, mode)
    except OSError as fault:
        raise UsageError(f"cannot write {target}: {fault.strerror or fault}") from fault


def is_device(target: Path) -> bool:
    """Whether a path leads to a device, a pipe or the like: something that is written to, and not replaced."""
    return target.absolute().parts[1:2] in (("dev",), ("proc",)) or (target.exists() and not target.is_file())


def _replace(target: Path, data: bytes, mode: int) -> None:
    import secrets  # noqa: PLC0415 - most runs write no file

    draft = target.with_name(f".{target.name[:200]}.{secrets.token_hex(6)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
