"""The whole of a check: discover, load, render, judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from gitops_validate import cache as caches
from gitops_validate import memo, trust
from gitops_validate.ask import Asker
from gitops_validate.build import Workshop
from gitops_validate.cache import Cache
from gitops_validate.charts import Charts
from gitops_validate.config import Config
from gitops_validate.discover import Checkout, discover, environments
from gitops_validate.engine import Engine
from gitops_validate.errors import UsageError
from gitops_validate.judge import judge
from gitops_validate.load import load
from gitops_validate.model.environment import Environment
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Rendered
from gitops_validate.model.report import Report
from gitops_validate.render import render
from gitops_validate.schemas import folders
from gitops_validate.schemas import scopes as bundled_scopes
from gitops_validate.tree import Tree
from gitops_validate.verdicts import judge_objects, scopes

Progress = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """Show nothing."""


@dataclass(frozen=True)
class Options:
    """What a run is asked for. `config` is used instead of the file at the root; `environments` limits the run to these names.

    `require_secrets` treats every environment as live: what its secret catalogue names has to be there.
    """

    path: Path = Path()
    environments: tuple[str, ...] = ()
    config: Config | None = None
    offline: bool = False
    cache: bool = True
    workers: int = 0
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    progress: Progress = silent
    require_secrets: bool = False


@dataclass(frozen=True)
class Run:
    """A checkout that has been read, and what is needed to ask about it."""

    checkout: Checkout
    repo: Repo
    config: Config
    environments: tuple[Environment, ...]
    engine: Engine
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
        repr(options.require_secrets),
        options.today.isoformat(),
        trust.base(),
        trust.revision(checkout.root),
    )
    key = memo.run_key(checkout, asked) if options.cache else ""
    known = memo.recall(cache, key) if key else None
    if known:
        return known
    with opened(options, checkout) as run:
        rendered, gaps = rendered_environments(run, options)
        options.progress("judging", 0, 0)
        before = trust.base_file(checkout.root)
        report = judge(run.repo, rendered, run.config, run.asker.ask, options.today, gaps, partial=bool(options.environments), before=before)
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
    with cache.charts() as charts, Engine([checkout.root], schemas=folders(), charts=charts, workers=options.workers) as engine:
        config = options.config or trust.configuration(checkout.root, engine)
        repo = load(checkout, engine, cache)
        chosen = _chosen(environments(repo, config), options.environments)
        if options.require_secrets:
            chosen = tuple(replace(environment, live=True) for environment in chosen)
        tree = Tree(checkout.root, checkout.digests)
        with Engine([checkout.root, *mirrors(checkout.root, config)], charts=charts, workers=1, network=network) as fetcher:
            found = Charts(repo, config, fetcher, options.offline, trust.revision(checkout.root), trust.names_its_hosts())
            workshop = Workshop(str(checkout.root), tree, found, {**bundled_scopes(), **scopes(repo)})
            yield Run(checkout, repo, config, chosen, engine, Asker(engine, cache, tree), workshop)


def rendered_environments(run: Run, options: Options) -> tuple[tuple[Rendered, ...], list[Incomplete]]:
    """Every environment with its objects and their verdicts, and what could not be evaluated."""
    rendered, not_evaluated = render(run.environments, run.config, run.workshop, run.asker, options.progress)
    options.progress("validating", 0, 0)
    judged, gaps = judge_objects(run.repo, rendered, run.asker)
    return judged, [*not_evaluated, *gaps]


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
