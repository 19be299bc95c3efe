"""The command line: the only place that knows Click, colours, signals and exit codes. One module a command.

entry      runs a command and turns whatever happens into an exit code
app        the table of commands
lazy       imports a command when it is called
options    the options that several commands share
reporting  from a report to stdout, files and the exit code
output     data on stdout or in a file, whole or not at all
colour     when there are colours, and which
progress   what a person sees while waiting
"""

from __future__ import annotations

import signal
from typing import NoReturn


def main() -> NoReturn:
    """The console script. Until a command runs there is nothing to unwind, and an interruption simply ends it: no half-imported module has a say."""
    with_traceback = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if with_traceback:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from gitops_validate.cli import entry  # noqa: PLC0415 - this is what takes time

    if with_traceback:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    entry.main()


__all__ = ["main"]
