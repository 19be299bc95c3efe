"""`gitops-generate promote`."""

from __future__ import annotations

from pathlib import Path

import click

from gitops_generate.cli import options
from gitops_generate.cli.arrival import arrive
from gitops_generate.promote import promote


@click.command("promote")
@click.argument("components", nargs=-1)
@click.option("--from", "source", required=True, metavar="ENVIRONMENT")
@click.option("--to", "target", required=True, metavar="ENVIRONMENT")
@options.repository
@options.dry_run
def command(components: tuple[str, ...], source: str, target: str, repository: Path, dry_run: bool) -> int:
    """Give one environment the versions of another: of COMPONENTS, or of all."""
    return arrive(repository, dry_run, lambda copy: promote(copy, list(components), source, target))
