"""`gitops-validate images`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from gitops_validate.cli import options as opt
from gitops_validate.cli.inventories import as_json, show, table
from gitops_validate.model.render import Rendered
from gitops_validate.workloads.inventory import images


@click.command("images")
@opt.PATH
@opt.ENVIRONMENTS
@opt.one_format("text", "json")
@opt.with_run
def command(path: Path, environments: tuple[str, ...], form: str, run: opt.RunOptions) -> int:
    """List the container images of each environment, and what runs them."""
    return show(path, environments, run, _json if form == "json" else _text)


def _json(rendered: Sequence[Rendered]) -> str:
    return as_json(images(rendered))


def _text(rendered: Sequence[Rendered]) -> str:
    return table([(use.environment, use.image, use.object) for use in images(rendered)])
