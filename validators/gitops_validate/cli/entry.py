"""The entry point: one command in, one exit code out."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import IntEnum
from types import FrameType
from typing import NoReturn

import click

from gitops_validate.cli.app import app
from gitops_validate.errors import EngineError, UsageError
from gitops_validate.report.escape import visible

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
SCARCE = frozenset({errno.EROFS, errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM})
"""What a machine may want for, besides space."""


CYCLES = 50_000
"""New objects after which Python looks for cycles among them: a run makes many and drops few, and a twentieth of it went into looking."""


class Exit(IntEnum):
    """What the exit code says; of several, wrong use beats findings, and findings beat gaps."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    INCOMPLETE = 3
    INTERRUPTED = 128 + signal.SIGINT
    TERMINATED = 128 + signal.SIGTERM


class Terminated(BaseException):
    """SIGTERM arrived: unwind, so that workers are ended and half-written files are removed."""


def main() -> NoReturn:
    """The console script. What was to be written is written by then: freeing every object one by one would only take time."""
    gc.set_threshold(CYCLES)
    os._exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. Never raises."""
    _open_streams()
    try:
        with _sigterm_raises():
            code = app.main(list(arguments), prog_name="gitops-validate", standalone_mode=False)
        _flush()
        return code if isinstance(code, int) else Exit.CLEAN
    except (click.Abort, KeyboardInterrupt):
        return say("interrupted", Exit.INTERRUPTED)
    except Terminated:
        return say("terminated", Exit.TERMINATED)
    except click.ClickException as fault:
        return say(_sentence(fault), Exit.USAGE)
    except UsageError as fault:
        return say(str(fault), Exit.USAGE)
    except EngineError as fault:
        return say(str(fault), Exit.INCOMPLETE)
    except OSError as fault:
        return say(_denied(fault), Exit.INCOMPLETE)
    except Exception as fault:  # noqa: BLE001 - whatever happens is one sentence and an exit code
        return say(_unexpected(fault), Exit.INCOMPLETE)


def _sentence(fault: click.ClickException) -> str:
    text = fault.format_message().rstrip(".")
    text += "" if text.endswith("?") else "."
    command = fault.ctx.command_path if isinstance(fault, click.UsageError) and fault.ctx else ""
    return f"{text} See `{command} --help`." if command else text


def _denied(fault: OSError) -> str:
    """What the machine refused; anything but want of space, files or processes is a fault of ours."""
    if fault.errno in FULL:
        return f"the run cannot go on: {fault.strerror}; free some, or set TMPDIR and GITOPS_VALIDATE_CACHE to folders that have it"
    return f"the run cannot go on: {fault.strerror}" if fault.errno in SCARCE else _unexpected(fault)


def _unexpected(fault: Exception) -> str:
    """One sentence with the place; the traceback only for those who ask for it."""
    if os.environ.get("GITOPS_VALIDATE_TRACEBACK"):
        traceback.print_exception(fault)
    frame = traceback.extract_tb(fault.__traceback__)[-1]
    place = f"{os.path.basename(frame.filename)}:{frame.lineno}"
    words = f"{type(fault).__name__}: {fault}"
    return f"a fault of gitops-validate itself ({place}): {words[:300]}; GITOPS_VALIDATE_TRACEBACK=1 shows where it comes from"


def say(text: str, code: Exit) -> Exit:
    """Say on stderr why the exit code is what it is."""
    with suppress(OSError):  # nobody reads it; the exit code still says it
        print(f"gitops-validate: {visible(text)}", file=sys.stderr, flush=True)
    return code


@contextmanager
def _sigterm_raises() -> Iterator[None]:
    def terminate(_number: int, _frame: FrameType | None) -> NoReturn:
        raise Terminated

    try:
        before = signal.signal(signal.SIGTERM, terminate)
    except ValueError:  # not the main thread: whoever called us handles signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _open_streams() -> None:
    """Give closed streams a place to go, lest the next opened file become stdout; say what cannot be encoded in escapes."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough (`| head`): nothing is left to say at exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
