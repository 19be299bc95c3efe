"""The report of a run over content that was checked before.

A run depends on the files of the checkout, on what judges them (this package, the engine, the definitions), on what was asked for, on the
day (waivers expire), and on the charts it used, which are hashed again before their report counts.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from msgspec import Struct
from msgspec.json import decode, encode

from gitops_validate import plugins, schemas
from gitops_validate.discover import Checkout
from gitops_validate.engine.binary import identity
from gitops_validate.keeping.cache import Cache, digest
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.report import Report

PACKAGE = Path(__file__).parents[1]
"""All of the package, and not only this part of it: a rule that was changed says something else of the same files."""
PASSING = frozenset({"engine", "chart", "fetch", "rule"})
"""Gaps that another run may not have: an engine that failed, a chart or files out of reach."""


class Remembered(Struct, frozen=True):
    """A report, and the archives of charts that it rests on, each with its digest."""

    report: Report
    charts: Mapping[str, str]


def run_key(checkout: Checkout, asked: Iterable[str]) -> str:
    """What identifies a run; `asked` are its options and whatever else counts, as strings."""
    files = (part for pair in sorted(checkout.digests.items()) for part in pair)
    links = (part for pair in sorted(checkout.links.items()) for part in pair)
    unreadable = (part for pair in checkout.unreadable for part in pair)
    return digest(*judges(), *asked, "files", *files, "links", *links, "unreadable", *unreadable)


def recall(cache: Cache, key: str) -> Report | None:
    """The report of that run, if the charts that it used are still what they were."""
    body = cache.get("report", key)
    try:
        found = decode(body, type=Remembered) if body else None
    except ValueError:  # an entry that somebody else has written
        return None
    return found.report if found and are(found.charts) else None


def remember(cache: Cache, key: str, report: Report, charts: Mapping[str, str]) -> None:
    """Keep a report. One with a gap that another run may not have (an engine that failed, a chart out of reach) is not kept."""
    if lasts(report.incomplete):
        cache.later("report", key, encode(Remembered(report, charts)))


def lasts(gaps: Iterable[Incomplete]) -> bool:
    """Whether the next run over the same content would have the same gaps, so that what has them may be kept."""
    return all(gap.what not in PASSING for gap in gaps)


def are(charts: Mapping[str, str]) -> bool:
    """Whether archives, by path, still have these digests."""
    return all(_is(path, expected) for path, expected in charts.items())


def judges() -> tuple[str, ...]:
    """What identifies whoever judges: this package, installed rules, the definitions at hand, the engine."""
    return _package(), plugins.identity(), schemas.identity(), identity()


@cache
def _package() -> str:
    """What changes when this package does: names, sizes and times of its files. Asked twice a run."""
    return digest(*sorted(_stamps(os.fspath(PACKAGE))))


def _stamps(folder: str) -> Iterable[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir() and entry.name not in ("__pycache__", "_engine"):
                yield from _stamps(entry.path)
            elif entry.name.endswith(".py"):
                status = entry.stat()
                yield f"{entry.path} {status.st_size} {status.st_mtime_ns}"


def _is(path: str, expected: str) -> bool:
    try:
        return "sha256:" + sha256(Path(path).read_bytes()).hexdigest() == expected
    except OSError:
        return False
