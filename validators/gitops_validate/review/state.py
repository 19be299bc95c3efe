"""One state of a checkout: what its environments get, what the rules find, and which files that came from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gitops_validate.check import Options, Walk, begun
from gitops_validate.model.report import Report
from gitops_validate.model.render import Rendered
from gitops_validate.review.sides import Side
from gitops_validate.run import read, reported

if TYPE_CHECKING:
    from gitops_validate.discover import Checkout
    from gitops_validate.model.manifest import Repo


@dataclass(frozen=True)
class State:
    """A checkout that was rendered and judged."""

    checkout: Checkout
    repo: Repo
    rendered: tuple[Rendered, ...]
    report: Report
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


def state(options: Options, walked: Walk) -> State:
    """Render and judge a checkout. Raises UsageError."""
    with begun(options, walked) as start, read(options, start) as run:
        rendered, report = reported(run, options)
        used = [run.workshop.used[each.environment.name] for each in rendered]
        files = frozenset(path for each in used for path in each.trace["files"])
        folders = tuple(sorted({folder for each in used for folder in each.folders}))
        return State(walked.checkout, run.repo, rendered, report, files, folders)


def renamed(state: State, name: str, other: str) -> State:
    """The same with an environment under another name."""
    rendered = (replace(each, environment=replace(each.environment, name=other)) if each.environment.name == name else each for each in state.rendered)
    return replace(state, rendered=tuple(rendered))
