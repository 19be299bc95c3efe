"""`gitops-generate add`."""

from __future__ import annotations

from pathlib import Path

import click

from gitops_generate import component as components
from gitops_generate import environment as environments
from gitops_generate.cli import options
from gitops_generate.cli.arrival import arrive


@click.group("add")
def command() -> None:
    """Add an environment or a component."""


@command.command("environment")
@click.argument("name")
@click.option("--like", required=True, metavar="ENVIRONMENT", help="Whose size, Kubernetes and versions it gets.")
@click.option("--domain", help="Its domain; NAME in front of the platform's otherwise.")
@click.option("--addresses", help="What its load balancer may announce, such as 10.0.0.80-10.0.0.99.")
@click.option("--size", type=click.Choice(environments.SIZES))
@click.option("--kubernetes", metavar="VERSION", help="Such as 1.36.")
@options.repository
@options.dry_run
def environment(name: str, like: str, repository: Path, dry_run: bool, **details: str | None) -> int:
    """Add the environment NAME, at the end of the order of promotion."""
    given = {key: value for key, value in details.items() if value is not None}
    return arrive(repository, dry_run, lambda copy: environments.add(copy, name, like, given), secrets=True)


@command.command("component")
@click.argument("name")
@options.repository
@options.dry_run
def component(name: str, repository: Path, dry_run: bool) -> int:
    """Add the component NAME, and what it needs."""
    return arrive(repository, dry_run, lambda copy: components.add(copy, name), secrets=True)
