"""`gitops-generate change`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gitops_generate import change
from gitops_generate import environment as environments
from gitops_generate.answers import from_pairs
from gitops_generate.cli import details, options
from gitops_generate.cli.arrival import arrive


@click.group("change")
def command() -> None:
    """Change an environment, or an answer about the platform."""


@command.command("environment")
@click.argument("name")
@click.option("--domain", help="Where its services are reached.")
@details.addresses
@details.size
@details.kubernetes
@click.option("--live/--not-live", default=None, help="Whether people rely on it: then a secret that waits for a person fails the check.")
@options.repository
@options.dry_run
def environment(name: str, repository: Path, dry_run: bool, **named: Any) -> int:
    """Change the environment NAME. Its name stays: add another one and remove this one."""
    given = details.given(named)
    if not given:
        raise click.UsageError("say what changes: --domain, --addresses, --size, --kubernetes, --live or --not-live")
    return arrive(repository, dry_run, lambda copy: environments.alter(copy, name, given), secrets=True)


@command.command("answer")
@click.argument("pairs", nargs=-1, required=True, metavar="QUESTION=ANSWER...")
@options.repository
@options.dry_run
def answer(pairs: tuple[str, ...], repository: Path, dry_run: bool) -> int:
    """Answer questions anew, such as sso=oidc or chart_registry=oci://registry.acme.example/charts.

    The questions and what was answered stand in .copier-answers.yml.
    """
    given = from_pairs(pairs)
    return arrive(repository, dry_run, lambda copy: change.answer(copy, given), secrets=True)
