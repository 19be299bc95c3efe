"""`gitops-generate add`."""

from __future__ import annotations

from pathlib import Path

import click

from gitops_generate import component as components
from gitops_generate import environment as environments
from gitops_generate.cli import details, options
from gitops_generate.cli.arrival import arrive


@click.group("add")
def command() -> None:
    """Add an environment or a component."""


@command.command("environment")
@click.argument("name")
@click.option("--like", required=True, metavar="ENVIRONMENT", help="Whose size, Kubernetes and versions it gets.")
@click.option("--domain", help="Its domain; NAME in front of the platform's otherwise.")
@details.addresses
@details.size
@details.kubernetes
@options.repository
@options.dry_run
def environment(name: str, like: str, repository: Path, dry_run: bool, **named: str | None) -> int:
    """Add the environment NAME, at the end of the order of promotion."""
    return arrive(repository, dry_run, lambda copy: environments.add(copy, name, like, details.given(named)), secrets=True)


@command.command("component")
@click.argument("name")
@options.repository
@options.dry_run
def component(name: str, repository: Path, dry_run: bool) -> int:
    """Add the component NAME, and what it needs."""
    return arrive(repository, dry_run, lambda copy: components.add(copy, name), secrets=True)
