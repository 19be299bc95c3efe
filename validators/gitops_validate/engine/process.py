"""One worker process."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gitops_validate.engine.patience import Patience
from gitops_validate.engine.wire import Answer, Garbled, Question, receive, send
from gitops_validate.errors import EngineError
from gitops_validate.model.server import ApiServer

SECONDS = 60.0
"""How long one request may take before its worker is killed."""
GOGC = "400"
"""How much a worker's heap may grow while it starts, in percent, before it is collected; it has no other environment, and none once it has started."""


class Process:
    """A running gitops-engine. It gets no environment to speak of, no home and no terminal; its working folder is `/`."""

    def __init__(self, binary: Path, flags: Sequence[str], server: ApiServer) -> None:
        self.server = server
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed by kill
        self._process = subprocess.Popen(
            [binary, *flags, *server.flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env={"GOGC": GOGC},
            cwd="/",
            start_new_session=True,
        )
        self._patience = Patience(self._process.kill)
        self._number = 0
        self._defined: set[str] = set()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def ask(self, question: Question, seconds: float = SECONDS) -> Answer:
        """Answer one question. Raises EngineError; after `Process.alive` turns false the worker is of no more use."""
        for op, given in (("define", question.definitions), ("policies", question.policies)):
            for digest, body in given.items():
                if digest not in self._defined:
                    self._exchange(Question(op, {"digest": digest}, (body,)), seconds)
                    self._defined.add(digest)
        return self._exchange(question, seconds)

    @property
    def alive(self) -> bool:
        """Whether it can still answer."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once and reap it."""
        self._patience.end()
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._stderr):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:  # a broken pipe has nothing left to flush
                pass

    def _exchange(self, question: Question, seconds: float) -> Answer:
        assert self._process.stdin and self._process.stdout
        self._number += 1
        try:
            with self._patience.over(seconds):
                send(self._process.stdin, self._number, question)
                answer, error = receive(self._process.stdout, self._number)
        except (Garbled, OSError) as fault:
            self._process.kill()
            self._process.wait()
            reason = f"took more than {seconds:g} s" if self._patience.lost else f"{fault} ({self._last_words()})"
            raise EngineError(f"{question.op}: the engine {reason}") from fault
        if answer is None:
            raise EngineError(f"{question.op}: {error}")
        return answer

    def _last_words(self) -> str:
        """The exit code, and the first line that the worker wrote to stderr."""
        self._stderr.seek(0)
        line = self._stderr.readline(300).decode("utf-8", "replace").strip()
        return f"exit {self._process.returncode}" + (f": {line}" if line else "")
