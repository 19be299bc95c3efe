"""Two states of a checkout: what their environments get, what the rules find, and which files that came from.

An environment that depends on the same content in both is neither rendered nor judged: its outcome was kept by an earlier run, or the change does
not reach it. The latter only where nothing can be found by holding it against the others.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property

from msgspec import Struct, field
from msgspec.structs import replace

from gitops_validate.check import Begun, Options, Standing, Walk, begun
from gitops_validate.config import Config
from gitops_validate.errors import UsageError
from gitops_validate.judging.outcome import Outcome
from gitops_validate.keeping.ask import Asker
from gitops_validate.keeping.kept import Kept
from gitops_validate.model.manifest import Repo
from gitops_validate.model.outline import Reference, Version
from gitops_validate.model.render import Rendered, RenderedObject
from gitops_validate.model.report import Report
from gitops_validate.review.reach import unchanged, unreached
from gitops_validate.review.sides import Side
from gitops_validate.run import Run, judged_afresh, kept, known_or_refused, read, summed_up

_COUNTING = frozenset({"unused-waiver", "unused-baseline"})
"""Rules that count what is found in all environments."""


class State(Struct, frozen=True):
    """A checkout that was rendered and judged."""

    repo: Repo
    rendered: tuple[Rendered, ...]
    report: Report
    config: Config
    asker: Asker
    used: frozenset[str]
    """The files that the environments are built from."""
    folders: tuple[str, ...] = ()
    """The folders of charts that they are built from."""
    untouched: Mapping[str, Sequence[RenderedObject]] = field(default_factory=dict)
    """The environments in which all is the same as in the other state, each with objects of it, as far as that was found out by building some."""
    outcomes: tuple[Outcome, ...] = ()
    others: tuple[str, ...] = ()
    """The environments of the checkout that were not asked for."""
    order: tuple[str, ...] = ()
    """All of them, in the order of promotion, if there is one."""
    charts: Mapping[str, str] = field(default_factory=dict)
    """The archives of charts that they are built from, each with its digest."""

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
        yield _Look.at(run, options).state()


@contextmanager
def states(options: Options, before: Walk, after: Walk, standing: Standing) -> Iterator[tuple[State | None, State]]:
    """Render and judge two states of a checkout, by one engine. None stands for an earlier one in which there is nothing to judge. Raises UsageError."""
    with begun(options, after, standing) as start, ExitStack() as stack:
        run = stack.enter_context(read(options, start, elsewhere=True))
        first = replace(options, former=None)
        earlier = _read(first, before, run, stack)
        known_or_refused(options.environments, [name for each in (run, earlier) if each for name in each.order])
        yield (None, _Look.at(run, options).state()) if earlier is None else _both(_Look(earlier, first), _Look(run, options))


def _read(options: Options, walked: Walk, beside: Run, stack: ExitStack) -> Run | None:
    begin = Begun(walked.checkout, walked.revision, walked.cache, walked.repository, beside.begun.standing)
    try:
        return stack.enter_context(read(options, begin, beside, elsewhere=True))
    except UsageError:
        return None


class _Look(Struct, dict=True):
    """One state, as far as it has been looked at."""

    run: Run
    options: Options
    fresh: dict[str, Outcome] = field(default_factory=dict)
    rendered: tuple[Rendered, ...] = ()

    @classmethod
    def at(cls, run: Run, options: Options) -> _Look:
        """A state that is looked at as a whole."""
        found = cls(run, options)
        found.take(())
        return found

    @cached_property
    def keeper(self) -> Kept:
        return kept(self.run, self.options)

    def take(self, known: Container[str], kept: Mapping[str, Outcome] | None = None) -> None:
        """Render and judge the environments that are not known, nor taken yet; those whose outcomes were kept need not be judged."""
        names = {each.name for each in self.run.environments if each.name in known or each.name in self.fresh}
        fresh, rendered = judged_afresh(self.run, self.options, self.keeper, names, kept or {})
        self.fresh |= fresh
        self.rendered += rendered

    def state(self, same: Mapping[str, Outcome] | None = None, untouched: Mapping[str, Sequence[RenderedObject]] | None = None) -> State:
        """What was found. `same` are outcomes that were kept; what is missing in an environment that is not touched is no concern of the change."""
        known, untouched = {**(same or {}), **self.fresh}, untouched or {}
        every = [known.get(each.name) or Outcome(each.name, (), (), 0, 0, 0, whole=True) for each in self.run.environments]
        outcomes = tuple(replace(each, gaps=()) if each.environment in untouched else each for each in every)
        report = summed_up(self.run, self.options, outcomes, self.rendered)
        used = [self.run.workshop.used[each.environment.name] for each in self.rendered]
        files = frozenset(path for each in used for path in each.trace["files"])
        folders = tuple(sorted({folder for each in used for folder in each.folders}))
        return State(
            self.run.repo,
            self.rendered,
            report,
            self.run.config,
            self.run.asker,
            files,
            folders,
            untouched,
            outcomes,
            self.run.others,
            self.run.order,
            self.run.workshop.charts.used(),
        )


def _both(before: _Look, after: _Look) -> tuple[State, State]:
    """Both states: first without the environments that the change does not reach, then, if these matter after all, with them."""
    alike = before.keeper.shared == after.keeper.shared
    known = {each.name: outcome for each in before.run.environments if (outcome := before.keeper.find(each))}
    earlier = {name: outcome for name, (_, outcome) in known.items()}
    same = _same(known, after)
    apart = _apart(before.run, after.run, known, after.options) if alike else {}
    before.take({*same, *apart}, earlier)
    for name, served in before.run.workshop.served.items():
        after.run.workshop.expect(served, name)
    after.take({*same, *apart})
    found = _summed_up(before, after, same, apart, alike=alike)
    if apart and not suffices(*found):
        before.take(same, earlier)
        after.take(same)
        found = _summed_up(before, after, same, {}, alike=alike)
    return found


def _same(known: Mapping[str, tuple[str, Outcome]], after: _Look) -> dict[str, Outcome]:
    """The environments whose outcomes were kept of both states, and of which everything that they depend on is the same in both."""
    now = {each.name: found for each in after.run.environments if each.name in known and (found := after.keeper.find(each))}
    return {name: outcome for name, (key, outcome) in now.items() if known[name][0] == key}


def _apart(before: Run, after: Run, known: Container[str], options: Options) -> dict[str, Sequence[RenderedObject]]:
    """The environments that need not be looked at, each with what its Kustomizations make; none where it is declared what may differ between them.

    Of those whose former outcome is known it is known, too, whether they are the same.
    """
    if after.config.differ is not None:
        return {}
    found = unreached(before, after, known, options.progress)
    return {each.cluster.environment.name: each.cluster.rendered().objects for each in found}


def _summed_up(
    before: _Look, after: _Look, same: Mapping[str, Outcome], apart: Mapping[str, Sequence[RenderedObject]], *, alike: bool
) -> tuple[State, State]:
    """The states. An environment is untouched if all that it is built from is the same in both, whether it was looked at or not."""
    names = [each.name for each in after.run.environments if alike and each in before.run.environments]
    untouched = {name: apart.get(name, ()) for name in names if name in same or name in apart or unchanged(before.run, after.run, name)}
    return before.state(same, untouched), after.state(same, untouched)


def suffices(before: State, after: State) -> bool:
    """Whether nothing that was found depends on environments that were not looked at: how often a waiver is used, what others refer to or run, too."""
    counted = [{each.fingerprint for each in state.report.findings if each.rule in _COUNTING} for state in (before, after)]
    return counted[0] == counted[1] and set(_compared(before)) == set(_compared(after))


def _compared(state: State) -> Iterator[Reference | Version]:
    """What environments are held against each other in: namespaces and buckets, and the versions that are promoted, if there is an order."""
    for outcome in state.outcomes:
        yield from (each for each in outcome.outline.references if each.kind in ("namespace", "bucket"))
        yield from outcome.outline.versions if state.config.environments else ()
