"""The command line of gitops-generate."""

from __future__ import annotations

import click


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gitops-validate")
def main() -> None:
    """Write a company's on-premises ML platform as a GitOps repository.

    This version has no commands yet: the template that they work on is not part of it. `gitops-validate` checks any Flux repository.
    """
    raise click.UsageError("this version generates nothing yet; gitops-validate is the half that is ready")
