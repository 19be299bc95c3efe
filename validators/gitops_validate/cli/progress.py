"""What a person sees while waiting: one line on stderr that is gone at the end. Nothing if stderr is not a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from gitops_validate.report.escape import visible

_PAUSE = 0.1
_CLEAR = "\r\x1b[K"


class Progress:
    """A callback for the pipeline, `progress(stage, done, total)`; a context, at whose end the line is cleared."""

    def __init__(self, *, wanted: bool = True) -> None:
        self._wanted = wanted and sys.stderr.isatty()
        self._next = time.monotonic() + 3 * _PAUSE  # a quick run shows nothing at all
        self._shown = False

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show how far a stage is."""
        if not self._wanted or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _PAUSE
        self._shown = True
        count = f" {done:,}/{total:,}" if total else ""
        self._write(f"{_CLEAR}{visible(stage, 60)}{count}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self.clear()

    def clear(self) -> None:
        """Take the line away, until something takes long again."""
        if self._shown:
            self._write(_CLEAR)
        self._shown, self._next = False, time.monotonic() + 3 * _PAUSE

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except OSError:
            self._wanted = False
