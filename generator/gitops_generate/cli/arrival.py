"""Rehearses a change, and shows it or lets it arrive."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import click

from gitops_generate import farewell, rehearsal
from gitops_generate.git import git


def arrive(repository: Path, dry_run: bool, action: Callable[[Path], None], *, secrets: bool = False) -> int:
    """Do something to a repository, as a whole. Returns the exit code: 1 where files hold conflicts.

    secrets: whether new secrets may be wanted afterwards.
    """
    change = rehearsal.rehearse(repository, action)
    theirs = farewell.people_s(repository, change.going)
    if dry_run:
        click.echo(change.text(), nl=False)
    else:
        rehearsal.apply(repository, change)
        _tell(change, secrets)
    _say_farewell(repository, theirs)
    _say_farewell_to_secrets(change)
    for path in change.conflicts:
        click.echo(f"conflict: {path} holds both what the template says now and what was changed here: choose, and remove the markers", err=True)
    return 1 if change.conflicts else 0


def _say_farewell(repository: Path, theirs: tuple[str, ...]) -> None:
    if theirs:
        commit = git(repository, "rev-parse", "--short", "HEAD").decode().strip()
        click.echo("these go too, and hold what people wrote; it stays in the history:", err=True)
    for path in theirs:
        click.echo(f"  git show {commit}:{shlex.quote(path)}", err=True)


def _say_farewell_to_secrets(change: rehearsal.Change) -> None:
    gone = farewell.secrets(change.files)
    if gone:
        click.echo("these secrets go, since nothing asks for them any more; the history keeps them, so close what they open elsewhere:", err=True)
    for environment, names in gone.items():
        click.echo(f"  {environment}: {', '.join(names)}", err=True)


def _tell(change: rehearsal.Change, secrets: bool) -> None:
    for line in change.files:
        click.echo(line, err=True)
    if not change.files:
        click.echo("nothing to change", err=True)
    elif secrets:
        click.echo("next: gitops-generate secrets, then look at the difference and commit it", err=True)
