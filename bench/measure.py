"""Times a command, and adds up the memory of all its processes."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

EVERY = 0.02
LIMIT = 900
QUIET = 0.7
"""Seconds between two changes: somebody who edits looks at what was said."""


class Failure(Exception):
    """A command that did not do its work, so that its time says nothing."""


class Sample(NamedTuple):
    """One run: wall clock seconds, and the peak of the proportional set size over the process tree in bytes (0 if not asked for)."""

    seconds: float
    memory: int = 0


def run(command: Sequence[object], folder: Path, home: Path, memory: bool = False, accept: tuple[int, ...] = (0,)) -> Sample:
    """Run a command with its caches in `home`; exit codes other than the accepted ones raise Failure."""
    environment = scrubbed(os.environ) | {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        peak = watch(process) if memory else 0
        process.wait(LIMIT)
        seconds = time.perf_counter() - start
        if process.returncode not in accept:
            output.seek(0)
            tail = output.read()[-800:].decode(errors="replace")
            raise Failure(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{tail}")
    return Sample(seconds, peak)


def output_of(command: Sequence[object], folder: Path, home: Path) -> str:
    """What a command prints, run as `run` does. Raises Failure unless it ends well."""
    environment = scrubbed(os.environ) | {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
    done = subprocess.run([str(part) for part in command], cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False)
    if done.returncode:
        raise Failure(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr[-800:]}")
    return done.stdout


def answered(command: Sequence[object], folder: Path, home: Path, word: str, changes: Iterable[Callable[[], object]]) -> list[Sample]:
    """How long a command that goes on takes to say `word` at the start of a line of stderr, after each of some changes. Raises Failure if it ends."""
    environment = scrubbed(os.environ) | {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
    line = [str(part) for part in command]
    with subprocess.Popen(line, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        found = []
        try:
            for change in (None, *changes):
                start = time.perf_counter()
                if change:
                    change()
                if not any(said.startswith(word) for said in process.stderr):
                    raise Failure(f"{' '.join(line)} ended with {process.wait(LIMIT)}")
                found.append(Sample(time.perf_counter() - start))
                time.sleep(QUIET)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(LIMIT)
    return found[1:]


def scrubbed(environ: Mapping[str, str]) -> dict[str, str]:
    """What a tool needs of the environment, and nothing that would change what it does."""
    return {name: environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in environ}


def watch(process: subprocess.Popen[bytes]) -> int:
    """The peak of memory over a process and its descendants, until it ends."""
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(size, family(process.pid))))
        time.sleep(EVERY)
    return peak


def family(ancestor: int) -> Iterator[int]:
    """The process and all its descendants that are alive."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                # The second field is the command in parentheses and may hold spaces; the parent is the second field after it.
                parent = int(Path(entry.path, "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    waiting = [ancestor]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += children.get(pid, [])


def size(pid: int) -> int:
    """Memory of one process in bytes; pages that several share count once over all of them."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:  # it has just ended
        pass
    return 0
