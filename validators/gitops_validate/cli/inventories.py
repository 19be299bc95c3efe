"""What the commands that list something share: render, print as text or JSON, and say what is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click
import orjson
from msgspec import to_builtins

from gitops_validate.cli import options as opt
from gitops_validate.cli.looking import looked_at
from gitops_validate.cli.output import emit
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.render import Rendered
from gitops_validate.report.escape import visible


def show(path: Path, environments: tuple[str, ...], run: opt.RunOptions, text: Callable[[Sequence[Rendered]], str]) -> int:
    """Print what `text` makes of the environments. 0 whole, 3 if something could not be evaluated; what it was goes to stderr."""
    with looked_at(path, environments, run) as (rendered, gaps):
        emit(text(rendered))
        return missing(rendered, gaps)


def missing(rendered: Sequence[Rendered], gaps: Sequence[Incomplete]) -> int:
    """Say what is not in the list, and give the exit code for it."""
    failures = [
        f"{render.reconciler.ref} in {each.environment.name}: {render.failure.message}"
        for each in rendered
        for render in each.renders
        if render.failure
    ]
    lines = sorted({*failures, *(f"{gap.subject}: {gap.reason}" for gap in gaps if gap.what != "no-schema")})
    for line in lines:
        click.echo(f"not listed: {visible(line)}", err=True)
    return 3 if lines else 0


def as_json(value: object) -> str:
    """Sorted, indented, one line at the end."""
    return orjson.dumps(to_builtins(value), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE).decode()


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as what stands in them."""
    safe = [[visible(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in safe) for column in range(len(safe[0]))] if safe else []
    return "".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in safe)
