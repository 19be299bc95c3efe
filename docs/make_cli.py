"""Write docs/cli.md from the commands themselves: `python docs/make_cli.py`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from gitops_generate.cli.app import app as generate
from gitops_validate.cli.app import app as validate

WIDTH = 100
PAGE = Path(__file__).with_name("cli.md")
HEAD = """# Command line

Written from the commands themselves by `python docs/make_cli.py`.

| exit code | of gitops-validate | of gitops-generate |
|---|---|---|
| 0 | clean | done |
| 1 | findings at or above the fail level | refused, or files hold conflicts |
| 2 | wrong use or configuration | wrong use, or an answer that cannot be right |
| 3 | something could not be checked | of its check at the end of `new`: something could not be checked |
| 130, 143 | interrupted, terminated | interrupted |
"""


def page() -> str:
    """The page, the same on every terminal."""
    commands = [*_helps(validate, "gitops-validate", None), *_helps(generate, "gitops-generate", None)]
    sections = [f"## {path}\n\n```text\n{text}\n```\n" for path, text in commands]
    return "\n".join([HEAD, *sections])


def _helps(command: click.Command, path: str, parent: click.Context | None) -> Iterator[tuple[str, str]]:
    """A command's help and that of the commands below it, each with what a person types."""
    name = path.rpartition(" ")[2]
    with click.Context(command, parent, name, terminal_width=WIDTH, max_content_width=WIDTH, **command.context_settings) as context:
        yield path, inspect.cleandoc(command.get_help(context))
        if isinstance(command, click.Group):
            for below in command.list_commands(context):
                found = command.get_command(context, below)
                assert found is not None
                yield from _helps(found, f"{path} {below}", context)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
