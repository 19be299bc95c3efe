"""How long a worker may take over a request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic


class Patience:
    """Gives up on a request that takes too long, by calling `give_up`; one thread looks after all requests of a worker, one at a time.

    The thread sleeps until the time that it last had in mind. A request that has longer leaves it asleep, so that it costs no switch of threads.
    """

    def __init__(self, give_up: Callable[[], None]) -> None:
        self._give_up = give_up
        self._changed = threading.Condition()
        self._deadline = self._sleeps_until = inf
        self._thread: threading.Thread | None = None
        self._ended = False
        self.lost = False
        """Whether a request took too long."""

    @contextmanager
    def over(self, seconds: float) -> Iterator[None]:
        """A request that may take so many seconds."""
        with self._changed:
            self._deadline = monotonic() + seconds
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="patience", daemon=True)
                self._thread.start()
            elif self._deadline < self._sleeps_until:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._deadline = inf

    def end(self) -> None:
        """Let the thread go."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while not self._ended:
                if self._deadline <= monotonic():
                    self.lost, self._deadline = True, inf
                    self._give_up()
                self._sleeps_until = self._deadline
                self._changed.wait(None if self._deadline == inf else self._deadline - monotonic())
