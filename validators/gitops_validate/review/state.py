"""Two states of a checkout: what their environments get, what the rules find, and which files that came from.

An environment that depends on the same content in both is neither rendered nor judged: its outcome was kept by an earlier run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

from gitops_validate.ask import Asker
from gitops_validate.check import Begun, Options, Walk, begun
from gitops_validate.config import Config
from gitops_validate.errors import UsageError
from gitops_validate.kept import Kept
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Rendered
from gitops_validate.model.report import Report
from gitops_validate.outcome import Outcome
from gitops_validate.review.sides import Side
from gitops_validate.run import Run, judged_afresh, kept, known_or_refused, read, summed_up


@dataclass(frozen=True)
class State:
    """A checkout that was rendered and judged. `same` are the outcomes of environments that are the same in the other state."""

    repo: Repo
    rendered: tuple[Rendered, ...]
    report: Report
    config: Config
    asker: Asker
    used: frozenset[str]
    """The files that the environments are built from."""
    folders: tuple[str, ...] = ()
    """The folders of charts that they are built from."""
    same: Mapping[str, Outcome] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    """The environments of the checkout that were not asked for."""

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
        yield _judged(run, options, kept(run, options), {})


@contextmanager
def states(options: Options, before: Walk, after: Walk) -> Iterator[tuple[State | None, State]]:
    """Render and judge two states of a checkout, by one engine. None stands for an earlier one in which there is nothing to judge. Raises UsageError."""
    with begun(options, after, before.checkout.root) as start, ExitStack() as stack:
        run = stack.enter_context(read(options, start, elsewhere=True))
        first = replace(options, former=None)
        earlier = _read(first, before, start, stack)
        known_or_refused(options.environments, [name for each in (run, earlier) if each for name in names(each)])
        if earlier is None:
            yield None, _judged(run, options, kept(run, options), {})
            return
        keepers = kept(earlier, options), kept(run, options)
        same = _same(earlier, run, *keepers)
        yield _judged(earlier, first, keepers[0], same), _judged(run, options, keepers[1], same)


def _read(options: Options, walked: Walk, start: Begun, stack: ExitStack) -> Run | None:
    begin = Begun(walked.checkout, walked.revision, walked.cache, walked.repository, start.engine, start.charts)
    try:
        return stack.enter_context(read(options, begin, elsewhere=True))
    except UsageError:
        return None


def names(run: Run) -> Iterator[str]:
    """What the environments of a checkout are called, those that were not asked for too."""
    yield from (each.name for each in run.environments)
    yield from run.others


def _same(before: Run, after: Run, keeper: Kept, other: Kept) -> dict[str, Outcome]:
    """The environments of which everything that they depend on is the same in both states."""
    known = {each.name: found for each in before.environments if (found := keeper.find(each))}
    now = {each.name: found for each in after.environments if each.name in known and (found := other.find(each))}
    return {name: outcome for name, (key, outcome) in now.items() if known[name][0] == key}


def _judged(run: Run, options: Options, keeper: Kept, same: Mapping[str, Outcome]) -> State:
    fresh, rendered = judged_afresh(run, options, keeper, same)
    report = summed_up(run, options, [fresh.get(each.name) or same[each.name] for each in run.environments], rendered)
    used = [run.workshop.used[each.environment.name] for each in rendered]
    files = frozenset(path for each in used for path in each.trace["files"])
    folders = tuple(sorted({folder for each in used for folder in each.folders}))
    return State(run.repo, rendered, report, run.config, run.asker, files, folders, same, run.others)
