"""Runs Go and shows how far it is: on a terminal one line that changes, elsewhere a line now and then."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator

import golang

SAY_EVERY = 20.0


def run(arguments: Iterable[str], step: str, form: str) -> tuple[int, list[str]]:
    """Run Go in the engine's folder; lines of stderr that match `step` are counted and shown in `form`. Its exit code, and all other lines."""
    line, environment = golang.command(*arguments)
    with subprocess.Popen(line, env=environment, cwd=golang.ENGINE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        others = list(count(process.stderr, step, form))
    return process.returncode, others


def count(lines: Iterable[str], step: str, form: str) -> Iterator[str]:
    """Count and show the lines that match, hand on the others."""
    terminal, done, said = sys.stderr.isatty(), 0, time.monotonic()
    for line in lines:
        if not re.fullmatch(step, line.strip()):
            yield line
            continue
        done += 1
        if terminal:
            print(f"\r  {form.format(done)} ", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - said > SAY_EVERY:
            said = time.monotonic()
            say(f"  {form.format(done)}")
    if terminal and done:
        print(file=sys.stderr)


def say(line: str) -> None:
    """A line of progress."""
    print(line, file=sys.stderr, flush=True)
