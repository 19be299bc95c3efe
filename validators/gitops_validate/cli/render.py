"""`gitops-validate render`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import orjson

from gitops_validate.cli import options as opt
from gitops_validate.cli.output import emit
from gitops_validate.cli.progress import Progress
from gitops_validate.cli.running import asked
from gitops_validate.engine import Question
from gitops_validate.errors import UsageError
from gitops_validate.hide import as_shown
from gitops_validate.model.render import Render, RenderedObject
from gitops_validate.near import did_you_mean
from gitops_validate.report.escape import visible
from gitops_validate.run import Run, opened, rendered_environments


@click.command("render")
@opt.PATH
@click.option("--env", "environment", metavar="NAME", required=True, help="The environment.")
@click.option("--reconciler", metavar="KIND/NAMESPACE/NAME", help="Only what this reconciler applies.")
@opt.with_run
def command(path: Path, environment: str, reconciler: str | None, run: opt.RunOptions) -> int:
    """Print, as YAML, what the cluster of an environment would get. Values of Secrets are hidden.

    Exit code: 0 whole, 1 if a reconciler cannot be built, 3 if one could not be evaluated here.
    """
    with Progress(wanted=not run.quiet) as progress:
        options = asked(path, (environment,), run, progress)
        with opened(options) as begun:
            (rendered,), gaps = rendered_environments(begun, options)
            renders = _chosen(rendered.renders, reconciler)
            text = _yaml([each for render in renders for each in render.objects], begun)
    emit(text)
    faults = list(_faults(renders))
    missing = [gap.reason for render in renders for gap in render.incomplete] + [f"{gap.subject}: {gap.reason}" for gap in gaps if not reconciler]
    for line in (*faults, *missing):
        click.echo(visible(line), err=True)
    return 1 if faults else 3 if missing else 0


def _chosen(renders: Iterable[Render], name: str | None) -> list[Render]:
    """The renders asked for. Raises UsageError if no reconciler has that name."""
    every = {str(render.reconciler.ref): render for render in renders}
    if name is None:
        return list(every.values())
    if name not in every:
        raise UsageError(f"no reconciler is called {name!r}; {did_you_mean(name, every) or '`gitops-validate graph` lists them'}")
    return [every[name]]


def _yaml(things: list[RenderedObject], begun: Run) -> str:
    bodies = begun.engine.ask(Question("print", {}, [orjson.dumps(as_shown(thing.data)) for thing in things])).blobs
    return "".join(f"---\n{body.decode()}" for body in bodies)


def _faults(renders: Iterable[Render]) -> Iterator[str]:
    for render in renders:
        if render.failure:
            yield f"{render.reconciler.ref}: {render.failure.message}"
