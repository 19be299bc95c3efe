"""The table of commands."""

from __future__ import annotations

import click

from gitops_validate.cli.lazy import LazyGroup

COMMANDS = {
    "new": "Generate a repository, with keys and secrets for each environment.",
    "secrets": "Make, set, rotate and show secrets, and say who can read them.",
    "status": "Show which version of each component runs in each environment.",
    "promote": "Give one environment the versions of another.",
    "add": "Add an environment or a component.",
    "change": "Change an environment, or an answer about the platform.",
    "remove": "Remove an environment or a component.",
    "update": "Bring a repository to a newer template.",
}


@click.group(cls=LazyGroup, table=COMMANDS, package="gitops_generate.cli", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gitops-validate")
def app() -> None:
    """Write a company's on-premises ML platform as a GitOps repository, and keep it up to date."""
