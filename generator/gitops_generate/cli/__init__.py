"""The command line of gitops-generate: the only place that knows Click and exit codes. One module a command.

entry      runs a command and turns whatever happens into an exit code
app        the table of commands
options    the options that several commands share
arrival    rehearses a change, and shows it or lets it arrive
"""

from __future__ import annotations

from gitops_generate.cli.entry import main

__all__ = ["main"]
