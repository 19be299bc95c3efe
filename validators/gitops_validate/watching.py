"""A check that goes on: of a checkout as it is, and again whenever a file in it changes. The engine stays, and with it what it has learnt."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

from msgspec import Struct
from watchfiles import Change, DefaultFilter
from watchfiles import watch as changes

from gitops_validate.check import Options, Standing, Walk, checked, started, walk
from gitops_validate.discover import SKIPPED, Checkout
from gitops_validate.errors import UsageError
from gitops_validate.model.report import Report

TOGETHER = 10
"""Milliseconds without a further change after which those before count as one: an editor writes a file in several steps."""
FIRST = 500
"""Milliseconds after which the checkout is looked at although nothing was noticed: what changed before there was anybody to notice it."""


class Look(Struct, frozen=True):
    """What one check came to, or why there is none; the files that had changed, and how long it took, in seconds."""

    report: Report | UsageError
    changed: tuple[str, ...]
    files: int
    seconds: float


def watch(ask: Callable[[], Options]) -> Iterator[Look]:
    """Check now, and each time that files have changed, with the options that `ask` gives then. It ends by KeyboardInterrupt.

    Raises UsageError where there is no checkout, or where the machine cannot watch it.
    """
    start, options = monotonic(), ask()
    here = walk(options)
    counts = Counting(here.checkout.root, here.cache.root)
    with started(options, here) as standing:
        yield _look(options, here, (), start, standing)
        _read_on()
        for _ in _noticed(here.checkout.root, counts):
            start, before = monotonic(), here.checkout
            options = ask()
            here = walk(options, before)
            changed = tuple(path for path in _between(before, here.checkout) if counts(Change.modified, f"{before.root}/{path}"))
            if changed:
                yield _look(options, here, changed, start, standing)


class Counting(DefaultFilter):
    """Tells which files count: none that editors write beside what is edited, nothing in folders that no controller reads or in our own cache."""

    ignore_dirs = (*SKIPPED, *DefaultFilter.ignore_dirs)

    def __init__(self, root: Path, cache: Path | None) -> None:
        self._root = root
        super().__init__(ignore_paths=[os.path.relpath(cache, root)] if cache else [])

    def __call__(self, change: Change, path: str) -> bool:
        """Whether a change of a file of the checkout counts. What the folders above the checkout are called is nobody's concern."""
        return super().__call__(change, os.path.relpath(path, self._root))


def _noticed(root: Path, counts: Counting) -> Iterator[None]:
    """Once soon, and whenever something may have changed. Raises UsageError."""
    first = True
    try:
        for found in changes(root, watch_filter=counts, step=TOGETHER, rust_timeout=FIRST, yield_on_timeout=True):
            if found or first:
                first = False
                yield
    except (OSError, RuntimeError) as fault:
        reason = f"{fault}".partition("\n")[0]
        raise UsageError(
            f"the files of {root} cannot be watched: {reason}; WATCHFILES_FORCE_POLLING=1 looks at them again and again instead"
        ) from fault


def _read_on() -> None:
    """Read the code that a first check leaves out whose report was kept, while nobody waits."""
    from gitops_validate import run  # noqa: F401, PLC0415
    from gitops_validate.rule import rules  # noqa: PLC0415

    rules()


def _look(options: Options, walked: Walk, changed: tuple[str, ...], start: float, standing: Standing) -> Look:
    report: Report | UsageError
    try:
        report = checked(options, walked, standing)
    except UsageError as fault:  # a configuration that is being edited
        report = fault
    return Look(report, changed, len(walked.checkout.digests), monotonic() - start)


def _between(before: Checkout, after: Checkout) -> list[str]:
    """The paths at which two states of a checkout differ."""
    pairs = ((before.digests, after.digests), (before.links, after.links))
    return sorted({path for one, other in pairs for path in one.keys() | other.keys() if one.get(path) != other.get(path)})
