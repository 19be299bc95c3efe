"""A group that imports a command when it is called, so that quick commands stay quick."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Knows its commands by name; module `package.NAME` holds the command NAME as `command`.

    table: the names with a sentence each, in the order of the help page.
    """

    def __init__(self, *arguments: Any, table: Mapping[str, str], package: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._table, self._package = table, package

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """All names, in the order of the table."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - Click's signature
        """Import one command."""
        if cmd_name not in self._table:
            return None
        command: click.Command = import_module(f"{self._package}.{cmd_name}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Click's, with a suggestion for a misspelt command."""
        if args[0] not in self._table and not args[0].startswith("-"):
            raise click.UsageError(f"There is no command {args[0]!r}{self._suggest(args[0])}.", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - Click's signature
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._table.items()))

    def _suggest(self, name: str) -> str:
        from difflib import get_close_matches  # noqa: PLC0415 - only for a misspelt name

        if close := get_close_matches(name, self._table, 1):
            return f"; did you mean {close[0]!r}?"
        return "; to check a path, say `gitops-validate check PATH`" if "/" in name or name == "." else ""
