"""The whole of a check: discover, load, render, judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path

from gitops_validate import cache as caches
from gitops_validate import memo, trust
from gitops_validate.ask import Asker
from gitops_validate.build import Workshop
from gitops_validate.cache import Cache, digest
from gitops_validate.candidates import outcome
from gitops_validate.charts import Charts
from gitops_validate.config import Config
from gitops_validate.discover import Checkout, discover, environments
from gitops_validate.engine import Engine
from gitops_validate.errors import UsageError
from gitops_validate.judge import judge
from gitops_validate.kept import Kept
from gitops_validate.load import load
from gitops_validate.looked import Looks
from gitops_validate.model.environment import Environment
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Rendered
from gitops_validate.model.report import Report
from gitops_validate.outcome import Outcome
from gitops_validate.render import render
from gitops_validate.schemas import folders
from gitops_validate.schemas import scopes as bundled_scopes
from gitops_validate.tree import Tree
from gitops_validate.verdicts import judge_objects, scopes, told_once, written_definitions

Progress = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """Show nothing."""


@dataclass(frozen=True)
class Options:
    """What a run is asked for. `config` is used instead of the file at the root; `environments` limits the run to these names."""

    path: Path = Path()
    environments: tuple[str, ...] = ()
    config: Config | None = None
    offline: bool = False
    cache: bool = True
    workers: int = 0
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    progress: Progress = silent


@dataclass(frozen=True)
class Run:
    """A checkout that has been read, and what is needed to ask about it."""

    checkout: Checkout
    repo: Repo
    config: Config
    environments: tuple[Environment, ...]
    engine: Engine
    tree: Tree
    asker: Asker
    workshop: Workshop


def check(options: Options) -> Report:
    """Everything that can be said about a checkout; a run over unchanged content is answered from the cache.

    Raises UsageError for wrong use or a broken configuration; whatever else goes wrong is in the report.
    """
    options.progress("reading", 0, 0)
    checkout = discover(options.path)
    cache = Cache(caches.folder() if options.cache else None)
    asked = (
        repr(options.environments),
        repr(options.config),
        repr(options.offline),
        options.today.isoformat(),
        trust.base(),
        trust.revision(checkout.root),
    )
    key = memo.run_key(checkout, asked) if options.cache else ""
    known = memo.recall(cache, key) if key else None
    if known:
        return known
    with opened(options, checkout) as run:
        outcomes = judged_environments(run, options, cache)
        before = trust.base_file(checkout.root)
        report = judge(run.repo, outcomes, run.config, run.asker.ask, options.today, partial=bool(options.environments), before=before)
        report = report.failing_at(run.config.fail_level)
        if key:
            memo.remember(cache, key, report, run.workshop.charts.used())
        return report


@contextmanager
def opened(options: Options, walked: Checkout | None = None) -> Iterator[Run]:
    """Read a checkout, which may have been walked already; the engine lives as long as the context."""
    checkout = walked or discover(options.path)
    cache = Cache(caches.folder() if options.cache else None)
    network = not options.offline
    with (
        cache.charts() as charts,
        Engine([checkout.root], schemas=folders(), charts=charts, workers=options.workers, prepare=("kustomize", "validate")) as engine,
    ):
        engine.start()
        config = options.config or trust.configuration(checkout.root, engine)
        repo = load(checkout, engine, cache)
        chosen = _chosen(environments(repo, config), options.environments)
        tree = Tree(checkout.root, checkout.digests)
        with Engine([checkout.root, *mirrors(checkout.root, config)], charts=charts, workers=1, network=network) as fetcher:
            found = Charts(repo, config, fetcher, options.offline, trust.revision(checkout.root), trust.names_its_hosts())
            workshop = Workshop(str(checkout.root), tree, found, {**bundled_scopes(), **scopes(repo)})
            yield Run(checkout, repo, config, chosen, engine, tree, Asker(engine, cache, tree), workshop)


def judged_environments(run: Run, options: Options, cache: Cache) -> list[Outcome]:
    """What the rules find in each environment; one that nothing has changed in is neither rendered nor judged again."""
    kept = Kept(cache, run.tree, run.repo, run.workshop.charts, _shared(run, options))
    known = {each.name: found for each in run.environments if (found := kept.recall(each))}
    changed = replace(run, environments=tuple(each for each in run.environments if each.name not in known))
    rendered, _ = rendered_environments(changed, options)
    options.progress("judging", 0, 0)
    for each in rendered:
        looks = Looks()
        fresh = outcome(looks.over(run.repo), each, run.config, run.asker.ask)
        kept.remember(each.environment, fresh, run.workshop.used[each.environment.name], looks)
        known[each.environment.name] = fresh
    return [known[each.name] for each in run.environments]


def _shared(run: Run, options: Options) -> str:
    """What all environments of a run depend on."""
    written = sorted(key for key, _ in written_definitions(run.repo).values())
    scopes = (part for pair in sorted(run.workshop.scopes.items()) for part in pair)
    asked = (repr(run.config), repr(options.offline), trust.base())
    return digest(*memo.judges(), *asked, str(run.checkout.root), "scopes", *scopes, "definitions", *written)


def rendered_environments(run: Run, options: Options) -> tuple[tuple[Rendered, ...], list[Incomplete]]:
    """Every environment with its objects and their verdicts, and what could not be evaluated."""
    rendered = render(run.environments, run.config, run.workshop, run.asker, options.progress)
    options.progress("validating", 0, 0)
    judged = judge_objects(run.repo, rendered, run.asker)
    return judged, list(told_once(chain.from_iterable(each.gaps for each in judged)))


def mirrors(root: Path, config: Config) -> list[Path]:
    """The folders that charts are mirrored in."""
    folders = (root / target for target in config.mirrors.values() if "://" not in target)
    return [folder.resolve() for folder in folders if folder.is_dir()]


def _chosen(found: Sequence[Environment], names: Sequence[str]) -> tuple[Environment, ...]:
    known = {environment.name for environment in found}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"no environment is called {unknown[0]!r}: there are {', '.join(sorted(known))}")
    return tuple(environment for environment in found if not names or environment.name in names)
