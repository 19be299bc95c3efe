"""The whole of a check, but for what is known already: a run over unchanged content is answered from the cache, before most of the code is even read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from gitops_validate.discover import Checkout, root_of, walk_root
from gitops_validate.engine import Engine
from gitops_validate.keeping import cache as caches
from gitops_validate.keeping import memo
from gitops_validate.keeping.cache import Cache
from gitops_validate.model.access import Access
from gitops_validate.model.finding import Profile
from gitops_validate.model.record import Veiled
from gitops_validate.model.report import Report
from gitops_validate.revisions import trust
from gitops_validate.schemas import folders

if TYPE_CHECKING:
    from gitops_validate.config import Config
    from gitops_validate.revisions.former import Former
    from gitops_validate.revisions.history import Commit
    from gitops_validate.run import Run

Progress = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """Show nothing."""


class Options(Veiled, Struct, frozen=True):
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
    profile: Profile | None = None
    """Instead of the configuration's."""
    baseline: bool = True
    """Whether findings that the baseline has are passed over."""
    identities: bytes = b""
    """Private keys of age, with which the MACs of encrypted files are verified. What is found with them is not kept."""
    decrypt_with: bytes = b""
    """Private keys of age, with which encrypted files are rendered as they are in the cluster. Nothing is written to the cache then."""
    former: Former | None = None
    """Where the change starts that the checkout is at the end of; in a merge request GitLab says it."""
    access: Access = field(default_factory=Access)
    """What registries of charts are shown."""
    trusted: Commit | None = None
    """The commit whose word counts in a merge request, and the folder of it that the checkout is, if the checkout's own repository does not have it."""


class Walk(Struct, frozen=True):
    """A checkout that was walked, the commit that it is at, the cache, and the folder in which git is asked."""

    checkout: Checkout
    revision: str
    cache: Cache
    repository: Path

    @property
    def name(self) -> str:
        """What this checkout is known by from run to run; a copy of an earlier commit lies in another folder each time."""
        root = self.checkout.root
        return str(root) if root == self.repository else f"{self.repository} before"


class Standing(Struct):
    """An engine that has been started, and the folder of its charts; it may serve one run or many."""

    engine: Engine
    charts: Path
    before: Run | None = None
    """The run that it served last, of which the next one takes all that is the same."""


class Begun(Walk, frozen=True):
    """A checkout that was walked, with an engine that it can be asked about."""

    standing: Standing

    @property
    def engine(self) -> Engine:
        """The engine."""
        return self.standing.engine


def check(options: Options) -> Report:
    """Everything that can be said about a checkout; a run over unchanged content is answered from the cache.

    Raises UsageError for wrong use or a broken configuration; whatever else goes wrong is in the report.
    """
    options.progress("reading", 0, 0)
    return checked(options, walk(options))


def checked(options: Options, walked: Walk, standing: Standing | None = None) -> Report:
    """The same of a checkout that was walked; a `standing` engine is asked, and left as it is, instead of one that is started."""
    key = memo.run_key(walked.checkout, asked(options, walked.revision)) if options.cache and not options.identities else ""
    known = memo.recall(walked.cache, key) if key else None
    return known or fresh(replace(options, former=options.former or trust.former(walked.repository)), walked, key, standing)


def fresh(options: Options, walked: Walk, key: str, standing: Standing | None = None) -> Report:
    """The report on a checkout, kept under a key if there is one. Raises UsageError."""
    with begun(options, walked, standing) as start:
        from gitops_validate.run import report  # noqa: PLC0415 - read while the engine starts

        found, archives = report(options, start)
        if key:
            memo.remember(walked.cache, key, found, archives)
    return found


def walk(options: Options, before: Checkout | None = None) -> Walk:
    """Look at every file of the checkout; of one that was walked before, at those that were touched since. Raises UsageError."""
    root = root_of(options.path)
    with trust.revision_of(root) as revision:
        cache = caches.beside(root) if options.cache else None
        return Walk(walk_root(root, cache, before), revision(), Cache(cache, kept=not options.decrypt_with), root)


@contextmanager
def begun(options: Options, walked: Walk | None = None, standing: Standing | None = None) -> Iterator[Begun]:
    """What a run over a checkout begins with: a `standing` engine, or one that lives as long as the context.

    What was answered is kept at its end, unless it may be about other content than was walked.
    """
    here = walked or walk(options)
    with nullcontext(standing) if standing else started(options, here) as ready:
        try:
            yield Begun(here.checkout, here.revision, here.cache, here.repository, ready)
        finally:
            known = here.checkout.is_unchanged
            here.cache.settle(known=known)
            if not known:
                ready.before = None


@contextmanager
def started(options: Options, walked: Walk, *roots: Path) -> Iterator[Standing]:
    """Start the engine for a checkout, and for further folders that it may read; it lives as long as the context."""
    with (
        walked.cache.charts() as charts,
        Engine(
            [walked.checkout.root, *roots], schemas=folders(), charts=charts, workers=options.workers, prepare=("kustomize", "validate")
        ) as engine,
    ):
        engine.start()
        yield Standing(engine, charts)


def asked(options: Options, revision: str) -> tuple[str, ...]:
    """What a report depends on besides the files and whoever judges."""
    environments, config = repr(options.environments), repr(options.config)
    asked_for = repr((options.require_secrets, options.baseline, options.profile, options.former))
    return environments, config, repr(options.offline), asked_for, options.today.isoformat(), trust.base(), trust.tip(), revision
