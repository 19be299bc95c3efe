"""One state of a checkout: what its environments get, what the rules find, and which files that came from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gitops_validate.ask import Asker
from gitops_validate.check import Options, Walk, begun
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Rendered
from gitops_validate.model.report import Report
from gitops_validate.review.sides import Side
from gitops_validate.run import read, reported


@dataclass(frozen=True)
class State:
    """A checkout that was rendered and judged."""

    repo: Repo
    rendered: tuple[Rendered, ...]
    report: Report
    asker: Asker
    used: frozenset[str]
    """The files that the environments are built from."""
    folders: tuple[str, ...] = ()
    """The folders of charts that they are built from."""

    @property
    def sides(self) -> dict[str, Side]:
        """Its environments by name."""
        return {each.environment.name: Side(self.repo, each) for each in self.rendered}

    def reads(self, path: str) -> bool:
        """Whether an environment is built from that file."""
        return path in self.used or any(path.startswith(f"{folder}/") for folder in self.folders)


@contextmanager
def state(options: Options, walked: Walk) -> Iterator[State]:
    """Render and judge a checkout; its engine can be asked as long as the context lasts. Raises UsageError."""
    with begun(options, walked) as start, read(options, start) as run:
        rendered, report = reported(run, options)
        used = [run.workshop.used[each.environment.name] for each in rendered]
        files = frozenset(path for each in used for path in each.trace["files"])
        folders = tuple(sorted({folder for each in used for folder in each.folders}))
        yield State(run.repo, rendered, report, run.asker, files, folders)
