"""A few workers, and whose turn it is."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from gitops_validate.engine.batch import Batch
from gitops_validate.engine.binary import binary
from gitops_validate.engine.process import SECONDS, Process
from gitops_validate.engine.signals import whole
from gitops_validate.engine.wire import ANY, Answer, Question
from gitops_validate.errors import EngineError
from gitops_validate.model.server import ApiServer

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

SERVER = ApiServer("1.36")
"""The API server that a worker is started for when its first question does not care."""
MEMORY = 2 << 30
"""Bytes after which a worker ends itself."""
FEW = 16
"""Questions that may be answered before another worker would have started."""
PATIENCE = 0.06
"""Seconds after which another worker is started for few questions all the same: about what its start takes."""


class Engine:
    """Answers questions on at most `workers` processes, started when first needed and ended on leaving the context.

    A worker emulates one API server. One that idles as another makes room when one is asked for that none emulates.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        *,
        schemas: Sequence[Path] = (),
        charts: Path | None = None,
        workers: int = 0,
        network: bool = False,
        server: ApiServer = SERVER,
        prepare: Sequence[str] = (),
    ) -> None:
        self.workers = workers or len(os.sched_getaffinity(0))
        self._flags = [f"--root={root.resolve()}" for root in roots] + [f"--schemas={folder}" for folder in schemas]
        self._flags += [f"--charts={charts}"] if charts else []
        self._flags += ["--network"] if network else []
        self._flags += [f"--memory={MEMORY}"] + [f"--prepare={operation}" for operation in prepare]
        self._server = server  # what a worker is started for when the first question does not care
        self._idle: list[Process] = []
        self._all: set[Process] = set()
        self._closed = False
        self._lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            processes, self._all, self._idle, self._closed = self._all, set(), [], True
        for process in processes:
            process.kill()
        if self._threads:  # soon done: their workers are gone, and one that just starts ends at once
            self._threads.shutdown(wait=True, cancel_futures=True)

    def start(self) -> None:
        """Start a worker that will be needed, so that it is ready by then."""
        with whole():
            process = Process(binary(), self._flags, self._server)
            with self._lock:
                self._all.add(process)
                self._idle.append(process)

    def ask(self, question: Question, seconds: float = SECONDS) -> Answer:
        """Answer one question. Raises EngineError."""
        process = self._take(question.server)
        try:
            return process.ask(question, seconds)
        finally:
            self._give_back(process)

    def ask_all(self, questions: Iterable[Question], seconds: float = SECONDS) -> list[Answer | EngineError]:
        """Answer many questions, in their order, as many at a time as there are workers; few do not start more of them."""
        listed = list(questions)
        if len(listed) < 2:
            return [self._try(question, seconds) for question in listed]
        threads = self._pool()
        batch = Batch(listed, lambda question: self._try(question, seconds))
        try:
            running = max(1, len(self._idle)) if len(listed) < FEW else self.workers
            lanes = [threads.submit(batch.work, 0 if number < running else PATIENCE) for number in range(min(self.workers, len(listed)))]
            for lane in lanes:
                lane.result()
        finally:
            batch.stop()
        return batch.answers

    def asking(self, questions: Iterable[Question], seconds: float = SECONDS) -> Iterator[Answer | EngineError]:
        """The same while the caller goes on: the workers begin at once, and an answer is waited for when it is taken."""
        return self._pool().map(lambda question: self._try(question, seconds), questions)

    def _pool(self) -> ThreadPoolExecutor:
        if self._threads is None:
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - the first worker starts before this is read

            self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="engine")
        return self._threads

    def _try(self, question: Question, seconds: float) -> Answer | EngineError:
        try:
            return self.ask(question, seconds)
        except EngineError as fault:
            return fault

    def _take(self, server: ApiServer) -> Process:
        """An idle worker for that API server, or a new one; an idle one for another goes when all places are taken."""
        with self._lock:
            fits = next(
                (process for process in self._idle if server in (ANY, process.server)),
                None,
            )
            if fits:
                self._idle.remove(fits)
                return fits
            surplus = self._idle.pop() if self._idle and len(self._all) >= self.workers else None
            if surplus:
                self._all.discard(surplus)
        if surplus:
            surplus.kill()
        with whole():
            process = Process(binary(), self._flags, self._server if server == ANY else server)
            with self._lock:
                if not self._closed:
                    self._all.add(process)
                    return process
        process.kill()
        raise EngineError("the engine is closed")

    def _give_back(self, process: Process) -> None:
        with self._lock:
            if process in self._all and process.alive:
                self._idle.append(process)
                return
            self._all.discard(process)
        process.kill()
