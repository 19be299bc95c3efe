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

from gitops_validate.cli.entry import main

__all__ = ["main"]
