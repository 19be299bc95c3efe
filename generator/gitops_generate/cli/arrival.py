"""Rehearses a change, and shows it or lets it arrive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from gitops_generate import rehearsal


def arrive(repository: Path, dry_run: bool, action: Callable[[Path], None], *, secrets: bool = False) -> int:
    """Do something to a repository, as a whole. Returns the exit code: 1 where files hold conflicts.

    secrets: whether new secrets may be wanted afterwards.
    """
    change = rehearsal.rehearse(repository, action)
    if dry_run:
        click.echo(change.text(), nl=False)
    else:
        rehearsal.apply(repository, change)
        _tell(change, secrets)
    for path in change.conflicts:
        click.echo(f"conflict: {path} holds both what the template says now and what was changed here: choose, and remove the markers", err=True)
    return 1 if change.conflicts else 0


def _tell(change: rehearsal.Change, secrets: bool) -> None:
    for line in change.files:
        click.echo(line, err=True)
    if not change.files:
        click.echo("nothing to change", err=True)
    elif secrets:
        click.echo("next: gitops-generate secrets, then look at the difference and commit it", err=True)
