"""A few workers, and whose turn it is."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from gitops_validate.engine.binary import binary
from gitops_validate.engine.process import SECONDS, Process
from gitops_validate.engine.wire import Answer, Question
from gitops_validate.errors import EngineError

KUBE_VERSION = "1.36"
"""The version that a worker is started for when its first question does not care."""
MEMORY = 2 << 30
"""Bytes after which a worker ends itself."""


class Engine:
    """Answers questions on at most `workers` processes, started when first needed and ended on leaving the context.

    A worker emulates one Kubernetes version. One that idles with another version makes room when a version is asked for that none has.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        *,
        schemas: Sequence[Path] = (),
        charts: Path | None = None,
        workers: int = 0,
        network: bool = False,
        kube_version: str = KUBE_VERSION,
    ) -> None:
        self.workers = workers or len(os.sched_getaffinity(0))
        self._flags = [f"--root={root.resolve()}" for root in roots] + [f"--schemas={folder}" for folder in schemas]
        self._flags += [f"--charts={charts}"] if charts else []
        self._flags += ["--network"] if network else []
        self._flags += [f"--memory={MEMORY}"]
        self._kube_version = kube_version  # what a worker is started for when the first question does not care
        self._idle: list[Process] = []
        self._all: set[Process] = set()
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
            processes, self._all, self._idle = self._all, set(), []
        for process in processes:
            process.kill()
        if self._threads:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def ask(self, question: Question, seconds: float = SECONDS) -> Answer:
        """Answer one question. Raises EngineError."""
        process = self._take(question.kube_version)
        try:
            return process.ask(question, seconds)
        finally:
            self._give_back(process)

    def ask_all(self, questions: Iterable[Question], seconds: float = SECONDS) -> list[Answer | EngineError]:
        """Answer many questions, in their order, as many at a time as there are workers."""
        listed = list(questions)
        if len(listed) < 2:
            return [self._try(question, seconds) for question in listed]
        return list(self.asking(listed, seconds))

    def asking(self, questions: Iterable[Question], seconds: float = SECONDS) -> Iterator[Answer | EngineError]:
        """The same while the caller goes on: the workers begin at once, and an answer is waited for when it is taken."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="engine")
        return self._threads.map(lambda question: self._try(question, seconds), questions)

    def _try(self, question: Question, seconds: float) -> Answer | EngineError:
        try:
            return self.ask(question, seconds)
        except EngineError as fault:
            return fault

    def _take(self, kube_version: str) -> Process:
        """An idle worker for that version, or a new one; an idle one of another version goes when all places are taken."""
        with self._lock:
            fits = next(
                (process for process in self._idle if kube_version in ("", process.kube_version)),
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
        process = Process(binary(), self._flags, kube_version or self._kube_version)
        with self._lock:
            self._all.add(process)
        return process

    def _give_back(self, process: Process) -> None:
        with self._lock:
            if process in self._all and process.alive:
                self._idle.append(process)
                return
            self._all.discard(process)
        process.kill()
