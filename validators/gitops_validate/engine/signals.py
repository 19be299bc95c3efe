"""Signals that wait a moment."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def whole() -> Iterator[None]:
    """An interruption that arrives meanwhile is acted upon afterwards: between a worker's start and its being known, nobody could end it."""
    if threading.current_thread() is not threading.main_thread():  # handlers run in the main thread alone
        yield
        return
    arrived: list[int] = []
    before: dict[signal.Signals, Any] = {
        number: signal.signal(number, lambda this, _frame: arrived.append(this)) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        for late in arrived:
            signal.raise_signal(late)
