"""`gitops-generate remove`."""

from __future__ import annotations

from pathlib import Path

import click

from gitops_generate import component as components
from gitops_generate import environment as environments
from gitops_generate.cli import options
from gitops_generate.cli.arrival import arrive


@click.group("remove")
def command() -> None:
    """Remove an environment or a component."""


@command.command("environment")
@click.argument("name")
@options.repository
@options.dry_run
def environment(name: str, repository: Path, dry_run: bool) -> int:
    """Remove the environment NAME, its secrets included."""
    return arrive(repository, dry_run, lambda copy: environments.remove(copy, name))


@command.command("component")
@click.argument("name")
@options.repository
@options.dry_run
def component(name: str, repository: Path, dry_run: bool) -> int:
    """Remove the component NAME, its secrets included."""
    return arrive(repository, dry_run, lambda copy: components.remove(copy, name))
