"""Questions that several threads answer, each taking the next."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence

from gitops_validate.engine.wire import Answer, Question
from gitops_validate.errors import EngineError

Said = Answer | EngineError


class Batch:
    """The questions that wait, and the answers in their order."""

    def __init__(self, questions: Sequence[Question], ask: Callable[[Question], Said]) -> None:
        self._questions, self._ask = questions, ask
        self._waiting = deque(range(len(questions)))
        self._said: dict[int, Said] = {}
        self._done = threading.Event()

    def work(self, delay: float) -> None:
        """Answer questions until none waits; begin after `delay` seconds, unless all are taken by then."""
        if delay:
            self._done.wait(delay)
        while (number := self._next()) is not None:
            self._said[number] = self._ask(self._questions[number])
        self._done.set()

    def _next(self) -> int | None:
        try:
            return self._waiting.popleft()
        except IndexError:
            return None

    def stop(self) -> None:
        """Leave the questions that nobody has taken."""
        self._waiting.clear()
        self._done.set()

    @property
    def answers(self) -> list[Said]:
        """All answers, once every thread is done."""
        return [self._said[number] for number in range(len(self._questions))]
