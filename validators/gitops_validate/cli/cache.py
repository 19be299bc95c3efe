"""`gitops-validate cache`."""

from __future__ import annotations

import click

from gitops_validate.cli.inventories import table
from gitops_validate.cli.output import emit
from gitops_validate.keeping.cache import Cache, folder
from gitops_validate.report.escape import visible


@click.group("cache", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> int | None:
    """Show or empty the cache of results and charts."""
    return info.callback() if context.invoked_subcommand is None and info.callback else None


@command.command("info")
def info() -> int:
    """Say where it lies and what it holds."""
    root = folder()
    rows = [(kind, f"{entries} entries", f"{size / 1e6:.1f} MB") for kind, entries, size in Cache(root).sizes()]
    emit(f"{visible(str(root)) if root else 'no cache: HOME is not set'}\n" + table(rows))
    return 0


@command.command("dir")
def where() -> int:
    """Print its folder."""
    emit(f"{visible(str(folder() or ''))}\n")
    return 0


@command.command("clean")
def clean() -> int:
    """Remove all that it holds."""
    Cache(folder()).clean()
    return 0
