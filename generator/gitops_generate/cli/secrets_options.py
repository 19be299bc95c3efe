"""The options of `gitops-generate secrets`, which may stand behind it or behind one of its commands."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from gitops_generate.cli.options import dry_run, keys_dir

__all__ = ["chosen", "dry_run", "keys_dir", "one", "read", "repository", "several", "write"]

repository = click.option("--repo", "root", type=click.Path(path_type=Path), help="The repository to work on.  [default: .]")
several = click.option("--env", "environments", metavar="NAME", multiple=True, help="Only this environment; may be repeated.")
one = click.option("--env", "environment", metavar="NAME", required=True, help="The environment.")
chosen = click.option("--env", "environments", metavar="NAME", multiple=True, required=True, help="The environment; may be repeated.")


def read(function: Callable[..., Any]) -> Callable[..., Any]:
    """A command that reads a repository: --repo stands behind its name, or behind `secrets`."""

    @wraps(function)
    @click.pass_context
    def command(context: click.Context, /, root: Path | None, **options: Any) -> Any:
        return function(root or (context.obj or (None, None))[0] or Path(), **options)

    return repository(command)


def write(function: Callable[..., Any]) -> Callable[..., Any]:
    """A command that changes a repository: --keys-dir, too, and --dry-run."""

    @wraps(function)
    @click.pass_context
    def command(context: click.Context, /, root: Path, keys_dir: Path | None, **options: Any) -> Any:
        return function(root, keys_dir or (context.obj or (None, None))[1], **options)

    return read(keys_dir(dry_run(command)))
