"""`gitops-validate envs`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from gitops_validate.cli import options as opt
from gitops_validate.cli.colour import When, styler
from gitops_validate.cli.inventories import as_json, show
from gitops_validate.model.render import Rendered
from gitops_validate.model.requests import Requests
from gitops_validate.model.server import ApiServer
from gitops_validate.parity.matrix import Cell, Matrix, matrix
from gitops_validate.report.look import Look
from gitops_validate.report.matrix import markdown, text

WIDE = 160
"""Columns where nobody says how many there are, as in a file."""


@click.command("envs")
@opt.PATH
@opt.ENVIRONMENTS
@opt.one_format("text", "json", "markdown")
@opt.with_run
@opt.COLOUR
def command(path: Path, environments: tuple[str, ...], form: str, run: opt.RunOptions, colour: When) -> int:
    """Show what each environment runs, and what differs: versions, images, replicas, requests.

    Environments that are alike in a component share a line; of the others, a line shows what differs from the one above it.
    """
    written: dict[str, Callable[[Sequence[Rendered]], str]] = {"text": partial(_text, colour), "json": _json, "markdown": _markdown}
    return show(path, environments, run, written[form])


def _text(colour: When, rendered: Sequence[Rendered]) -> str:
    return text(matrix(rendered), Look(styler(colour)), shutil.get_terminal_size((WIDE, 24)).columns)


def _markdown(rendered: Sequence[Rendered]) -> str:
    return markdown(matrix(rendered))


def _json(rendered: Sequence[Rendered]) -> str:
    found = matrix(rendered)
    totals = [{"environment": name, **_values(found.totals[name]), **_server(server)} for name, server in found.environments.items()]
    return as_json({"components": _components(found), "environments": totals})


def _server(server: ApiServer) -> dict[str, Any]:
    return {"version": server.version, "featureGates": server.feature_gates, "runtimeConfig": server.runtime_config}


def _components(found: Matrix) -> list[dict[str, Any]]:
    return [
        {"component": each.name, "kind": each.kind, "namespace": each.namespace, "environment": name, "chart": cell.chart, **_values(cell)}
        for each in found.components
        for name, cell in each.cells.items()
    ]


def _values(cell: Cell) -> dict[str, Any]:
    asked: Requests = cell.requests
    return {
        "version": cell.version,
        "images": cell.images,
        "replicas": cell.replicas,
        "perNode": cell.per_node,
        "requests": {"cpu": round(asked.cpu, 3), "memory": round(asked.memory), "storage": round(asked.storage)},
        "rendered": cell.rendered,
    }
