"""A run over a checkout: read it, render its environments, judge them. `check` says first whether that is needed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from gitops_validate.building.build import Workshop
from gitops_validate.building.charts import Charts
from gitops_validate.building.elsewhere import Elsewhere
from gitops_validate.check import Begun, Options, begun
from gitops_validate.config import Config
from gitops_validate.engine import Engine
from gitops_validate.environments import environments
from gitops_validate.errors import UsageError
from gitops_validate.judge import judge
from gitops_validate.judging.baseline import load as load_baseline
from gitops_validate.judging.candidates import outcome, side_by_side
from gitops_validate.judging.locations import Locations, locations
from gitops_validate.judging.outcome import Outcome
from gitops_validate.judging.rego import identity, judge_by_rego
from gitops_validate.judging.verdicts import judge_objects, scopes, told_once, written_definitions
from gitops_validate.keeping import memo
from gitops_validate.keeping.ask import Asker
from gitops_validate.keeping.cache import digest
from gitops_validate.keeping.kept import Kept
from gitops_validate.keeping.looked import Looks
from gitops_validate.keeping.tree import Tree
from gitops_validate.load import load
from gitops_validate.model.environment import Environment
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Rendered
from gitops_validate.model.report import Report
from gitops_validate.parity.fleet import Fleet
from gitops_validate.render import render
from gitops_validate.revisions import trust
from gitops_validate.rule import rules
from gitops_validate.schemas import scopes as bundled_scopes
from gitops_validate.secrets.pending import placeholders


class Run(Struct, frozen=True):
    """A checkout that has been read, and what is needed to ask about it."""

    begun: Begun
    repo: Repo
    config: Config
    environments: tuple[Environment, ...]
    tree: Tree
    asker: Asker
    workshop: Workshop
    locations: Locations
    order: tuple[str, ...] = ()
    """What the environments of the checkout are called, those that were not asked for too; in the order of promotion, if there is one."""

    @property
    def others(self) -> tuple[str, ...]:
        """The environments of the checkout that were not asked for."""
        asked = {each.name for each in self.environments}
        return tuple(name for name in self.order if name not in asked)

    @property
    def engine(self) -> Engine:
        """The engine that everything but charts is asked of."""
        return self.begun.engine


def report(options: Options, start: Begun) -> tuple[Report, dict[str, str]]:
    """The report on a checkout, and the archives of charts that it rests on, each with its digest. Raises UsageError."""
    for rule in rules().values():  # the engine still starts: these are read now rather than after its first answer
        rule.reads  # noqa: B018
    with read(options, start, start.standing.before) as run:
        found = summed_up(run, options, *judged_environments(run, options)), run.workshop.charts.used()
    start.standing.before = run
    return found


@contextmanager
def opened(options: Options) -> Iterator[Run]:
    """Walk and read a checkout; the engine lives as long as the context."""
    with begun(options) as start, read(options, start) as run:
        yield run


@contextmanager
def read(options: Options, start: Begun, beside: Run | None = None, *, elsewhere: bool = False) -> Iterator[Run]:
    """Read a checkout that was walked; `beside` is another state of it, of which all is taken that is the same.

    Raises UsageError where an environment is asked for that is not in it, unless it may be `elsewhere`.
    """
    checkout, engine, root = start.checkout, start.engine, start.checkout.root
    base = options.trusted or trust.base_commit(start.repository)
    config = options.config or trust.configuration(root, engine, base)
    config = replace(config, profile=options.profile or config.profile)
    repo = load(checkout, engine, start.cache, start.name, beside.repo if beside else None)
    found = environments(repo, config)
    chosen = _chosen(found, options.environments, elsewhere=elsewhere)
    if options.require_secrets:
        chosen = tuple(replace(environment, live=True) for environment in chosen)
    tree = Tree(root, checkout.digests)
    asker = Asker(engine, start.cache, tree, beside.asker if beside else None)
    with (
        Engine([root, *mirrors(root, config)], charts=start.standing.charts, workers=1, network=not options.offline) as fetcher,
        locations(config.schema_locations, tree, asker, root, base) as schemas,
    ):
        charts = Charts(repo, config, fetcher, options.offline, start.revision, trust.hosts(base, engine), options.access)
        waiting = {each.name: placeholders(repo, each.name) for each in chosen}
        remote = Elsewhere(config.hosts, options.offline, start.cache)
        made = beside.workshop.made if beside else {}
        workshop = Workshop(str(root), tree, charts, {**bundled_scopes(), **scopes(repo)}, waiting, remote, options.decrypt_with, before=made)
        yield Run(start, repo, config, chosen, tree, asker, workshop, schemas, tuple(each.name for each in found))


def judged_environments(run: Run, options: Options) -> tuple[list[Outcome], tuple[Rendered, ...]]:
    """What the rules find in each environment; one that nothing has changed in is neither rendered nor judged again. The others as rendered."""
    keeper = kept(run, options)
    known = {each.name: found for each in run.environments if (found := keeper.recall(each))}
    fresh, rendered = judged_afresh(run, options, keeper, known)
    return [(known | fresh)[each.name] for each in run.environments], rendered


def judged_afresh(
    run: Run, options: Options, keeper: Kept, known: Container[str], found: Mapping[str, Outcome] = MappingProxyType({})
) -> tuple[dict[str, Outcome], tuple[Rendered, ...]]:
    """The environments that are not known, rendered and judged: their outcomes by name, which are kept, and what their clusters get.

    `found` are outcomes that an earlier run has kept, of environments that have to be rendered all the same.
    """
    changed = replace(run, environments=tuple(each for each in run.environments if each.name not in known))
    for environment in changed.environments:
        run.workshop.expect(keeper.served(environment), environment.name)
    rendered, _ = rendered_environments(changed, options)
    options.progress("judging", 0, 0)
    fresh = {}
    for each in rendered:
        name, looks = each.environment.name, Looks()
        if name in found:
            fresh[name] = found[name]
            continue
        fresh[name] = outcome(looks.over(run.repo), each, run.config, run.asker.ask)
        keeper.remember(each.environment, fresh[name], run.workshop.used[name], looks, run.workshop.served.get(name, ()))
    return fresh, rendered


def kept(run: Run, options: Options) -> Kept:
    """The outcomes that earlier runs have kept."""
    return Kept(run.begun.cache, run.tree, run.repo, run.workshop.charts, _shared(run, options))


def summed_up(run: Run, options: Options, outcomes: Sequence[Outcome], rendered: Iterable[Rendered] = ()) -> Report:
    """The report that outcomes add up to. `rendered` are environments that need not be rendered again to be held against the others."""
    before = trust.base_file(options.trusted or trust.base_commit(run.begun.repository))
    beside = [side_by_side(run.repo, _fleet(run, options, outcomes, rendered), run.config, run.asker.ask)] if len(outcomes) > 1 else []
    found = judge(
        run.repo,
        [*outcomes, *beside],
        run.config,
        run.asker.ask,
        options.today,
        partial=bool(options.environments),
        before=before,
        identities=options.identities,
        former=options.former,
        baseline=load_baseline(run.repo.root, run.engine, before) if options.baseline else (),
    )
    return found.failing_at(run.config.fail_level)


def _fleet(run: Run, options: Options, outcomes: Sequence[Outcome], rendered: Iterable[Rendered]) -> Fleet:
    def again(environment: Environment) -> Rendered:
        return render((environment,), run.config, run.workshop, run.asker, options.progress)[0]

    outlines = {each.environment: each.outline for each in outcomes}
    known = {each.environment.name: each for each in rendered}
    return Fleet(run.environments, outlines, again, run.asker.ask, bool(run.config.environments), known)


def _shared(run: Run, options: Options) -> str:
    """What all environments of a run depend on."""
    written = sorted(key for key, _ in written_definitions(run.repo).values())
    scopes = (part for pair in sorted(run.workshop.scopes.items()) for part in pair)
    asked = (repr(run.config), repr(options.offline), trust.base())
    return digest(*memo.judges(), *asked, "scopes", *scopes, "definitions", *written, "rego", identity(run.repo), "locations", run.locations.identity)


def rendered_environments(run: Run, options: Options) -> tuple[tuple[Rendered, ...], list[Incomplete]]:
    """Every environment with its objects and their verdicts, and what could not be evaluated."""
    rendered = render(run.environments, run.config, run.workshop, run.asker, options.progress)
    options.progress("validating", 0, 0)
    judged = judge_by_rego(run.repo, judge_objects(run.repo, rendered, run.asker, run.locations), run.asker)
    return judged, list(told_once(chain.from_iterable(each.gaps for each in judged)))


def known_or_refused(names: Sequence[str], known: Iterable[str]) -> None:
    """Raises UsageError if one of the names that were asked for is none that is known."""
    there = set(known)
    for name in names:
        if name not in there:
            raise UsageError(f"no environment is called {name!r}: there are {', '.join(sorted(there))}")


def mirrors(root: Path, config: Config) -> list[Path]:
    """The folders that charts are mirrored in."""
    folders = (root / target for target in config.mirrors.values() if "://" not in target)
    return [folder.resolve() for folder in folders if folder.is_dir()]


def _chosen(found: Sequence[Environment], names: Sequence[str], *, elsewhere: bool) -> tuple[Environment, ...]:
    if not elsewhere:
        known_or_refused(names, (environment.name for environment in found))
    return tuple(environment for environment in found if not names or environment.name in names)
