"""What most commands look at: the environments with their objects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gitops_validate.cli.options import RunOptions
from gitops_validate.cli.progress import Progress
from gitops_validate.cli.running import asked
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.render import Rendered
from gitops_validate.run import opened, rendered_environments


@contextmanager
def looked_at(path: Path, environments: tuple[str, ...], run: RunOptions) -> Iterator[tuple[tuple[Rendered, ...], list[Incomplete]]]:
    """Every environment asked for with its objects, and what is missing from them."""
    with Progress(wanted=not run.quiet) as progress:
        options = asked(path, environments, run, progress)
        with opened(options) as opened_run:
            rendered, gaps = rendered_environments(opened_run, options)
    yield rendered, [*gaps, *(gap for each in rendered for render in each.renders for gap in render.incomplete)]
