"""`gitops-generate update`."""

from __future__ import annotations

from pathlib import Path

import click

from gitops_generate import change, copying, restating
from gitops_generate.cli import options
from gitops_generate.cli.arrival import arrive


@click.command("update")
@options.repository
@options.dry_run
@click.option("--to", "version", metavar="VERSION", help="A version of the template; the newest otherwise.")
def command(repository: Path, dry_run: bool, version: str | None) -> int:
    """Bring a repository to a newer template. Exits 1 where files hold conflicts, and names them."""
    address = str(change.current(repository).get("_src_path", ""))

    def action(copy: Path) -> None:
        with restating.restated(copy):
            copying.update(copy, {}, address=address, version=version)

    return arrive(repository, dry_run, action, secrets=True)
