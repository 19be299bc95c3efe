"""The table of commands. A command's module is imported when it is called, so that `version` stays quick."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "check": "Say what the cluster would say of a GitOps repository.",
    "render": "Print what an environment's cluster would get.",
    "manifests": "Check plain manifests as the API server would.",
    "graph": "Show what reconciles what, and in which order.",
    "images": "List the container images of each environment.",
    "charts": "List the Helm charts of each environment.",
    "schemas": "List or add definitions of custom kinds.",
    "rules": "List the rules.",
    "explain": "Show a rule's page.",
    "cache": "Show or empty the cache.",
    "version": "Print the version.",
}


class LazyGroup(click.Group):
    """Knows its commands by name; module `cli.NAME` holds the command NAME as `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - Click's signature
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"gitops_validate.cli.{cmd_name}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Click's, with a suggestion for a misspelt command."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"There is no command {args[0]!r}{_suggest(args[0])}.", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - Click's signature
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _suggest(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for a misspelt name

    if close := get_close_matches(name, COMMANDS, 1):
        return f"; did you mean {close[0]!r}?"
    return "; to check a path, say `gitops-validate check PATH`" if "/" in name or name == "." else ""


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def app(context: click.Context) -> int | None:
    """Say, without a cluster, what the cluster would say of a GitOps repository.

    Without a command: `check .`
    """
    if context.invoked_subcommand is not None:
        return None
    command = app.get_command(context, "check")
    assert command is not None
    code: int = context.invoke(command)
    return code
