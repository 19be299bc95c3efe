"""`gitops-generate update`."""

from __future__ import annotations

from pathlib import Path

import click

from gitops_generate import change, copying, restating
from gitops_generate.cli import options
from gitops_generate.cli.arrival import arrive
from gitops_generate.secrets import outgoing


@click.command("update")
@options.repository
@options.dry_run
@click.option("--to", "version", metavar="VERSION", help="A version of the template; the newest otherwise.")
def command(repository: Path, dry_run: bool, version: str | None) -> int:
    """Bring a repository to a newer template. Exits 1 where files hold conflicts, and names them.

    Secrets that it asks for no more go, and are named; one that it wants elsewhere moves as it is.
    """
    address = str(change.current(repository).get("_src_path", ""))

    def action(copy: Path) -> None:
        with outgoing.swept(copy), restating.restated(copy):
            copying.update(copy, {}, address=address, version=version)

    return arrive(repository, dry_run, action, secrets=True)
