"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

repository = click.option("--repo", "repository", type=click.Path(path_type=Path), default=".", show_default=True, help="The repository to work on.")
dry_run = click.option("--dry-run", is_flag=True, help="Show the difference, and write nothing.")
keys_dir = click.option("--keys-dir", type=click.Path(path_type=Path), help="Where private keys are; never in a checkout.")
