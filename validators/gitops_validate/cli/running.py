"""From options of the command line to what the pipeline is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gitops_validate.check import Options, opened, rendered_environments
from gitops_validate.cli.options import RunOptions
from gitops_validate.cli.progress import Progress
from gitops_validate.config import Config, parse
from gitops_validate.engine import Engine
from gitops_validate.errors import UsageError
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.render import Rendered


def asked(path: Path, environments: tuple[str, ...], run: RunOptions, progress: Progress) -> Options:
    """What a run is asked for. Raises UsageError for a configuration that cannot be read."""
    config = _configuration(run.config) if run.config else None
    workers = run.jobs or (config.workers if config else 0)
    return Options(path, environments, config, run.offline, not run.no_cache, workers, progress=progress)


@contextmanager
def looked_at(path: Path, environments: tuple[str, ...], run: RunOptions) -> Iterator[tuple[tuple[Rendered, ...], list[Incomplete]]]:
    """Every environment asked for with its objects, and what is missing from them."""
    with Progress(wanted=not run.quiet) as progress:
        options = asked(path, environments, run, progress)
        with opened(options) as opened_run:
            rendered, gaps = rendered_environments(opened_run, options)
    yield rendered, [*gaps, *(gap for each in rendered for render in each.renders for gap in render.incomplete)]


def _configuration(file: Path) -> Config:
    try:
        text = file.read_bytes()
    except OSError as fault:
        raise UsageError(f"cannot read {file}: {fault.strerror or fault}") from fault
    with Engine([], workers=1) as engine:
        return parse(text, engine, str(file))
