"""`gitops-generate status`."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from gitops_generate import status
from gitops_generate.cli import options


@click.command("status")
@options.repository
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(repository: Path, form: str) -> None:
    """Show which version of each component runs in each environment."""
    lines = status.status(repository)
    if form == "json":
        rows = [{"component": line.component, "stage": line.stage, "template": line.template, "versions": dict(line.versions)} for line in lines]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
    elif lines:
        heads = ["component", *(name for name, _ in lines[0].versions), "template"]
        _table([heads, *([_part(line), *(version or "?" for _, version in line.versions), line.template or ""] for line in lines)])


def _part(line: status.Line) -> str:
    return line.component if line.stage == "controller" else f"{line.component}/{line.stage}"


def _table(rows: list[list[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
