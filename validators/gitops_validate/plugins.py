"""Rules of other distributions: those that are installed where this one's environment has its packages, never what lies in a checkout."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct

from gitops_validate.errors import UsageError
from gitops_validate.keeping.cache import digest

GROUP = "gitops_validate.rules"
"""The group of entry points, each of which names a package of rule modules."""


class Plugin(Struct, frozen=True, order=True):
    """A distribution that brings rules, as name and version, and the package that they lie in."""

    distribution: str
    package: str


@cache
def plugins() -> tuple[Plugin, ...]:
    """The installed ones, sorted. Raises UsageError for an entry point that names no package."""
    return tuple(sorted({plugin for folder in folders() for plugin in _of(folder)}))


def folders() -> list[Path]:
    """Where packages are installed. The working folder, which Python may look through as well, is the checkout of whoever opened a merge request."""
    named = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()]
    named += [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    return [path for path in dict.fromkeys(map(Path, named)) if path.is_dir()]


@contextmanager
def installed_only() -> Iterator[None]:
    """Import without the working folder: what lies there under the name of a plugin is not that plugin."""
    before, here = list(sys.path), Path.cwd()
    installed = {folder.resolve() for folder in folders()}
    sys.path[:] = [entry for entry in before if entry and (Path(entry).resolve() != here.resolve() or here.resolve() in installed)]
    try:
        yield
    finally:
        sys.path[:] = before


def identity() -> str:
    """What changes whenever an installed rule does: versions, and names, sizes and times of files. Part of the key of every result that is kept."""
    return digest(*(part for plugin in plugins() for part in (plugin.distribution, plugin.package, *_stamps(plugin))))


def _of(folder: Path) -> Iterator[Plugin]:
    for name in os.listdir(folder):
        points = folder / name / "entry_points.txt"
        if name.endswith(".dist-info") and points.is_file() and GROUP in points.read_text("utf-8", "replace"):
            yield from _named(folder / name)


def _named(info: Path) -> Iterator[Plugin]:
    from importlib.metadata import PathDistribution  # noqa: PLC0415 - takes 20 ms to import, and few have a plugin

    found = PathDistribution(info)
    name = f"{found.metadata['Name']} {found.version}"
    for point in found.entry_points.select(group=GROUP):
        if point.attr or not all(step.isidentifier() for step in point.module.split(".")):
            raise UsageError(f"{name} does not name a package of rules: its entry point {point.name!r} says {point.value!r}")
        yield Plugin(name, point.module)


def _stamps(plugin: Plugin) -> Iterator[str]:
    """Those of everything below the top of the package, which rules may import from."""
    with installed_only():
        spec = find_spec(plugin.package.partition(".")[0])
    for folder in sorted(spec.submodule_search_locations or ()) if spec else ():
        for place, inner, names in os.walk(folder):
            inner[:] = sorted(name for name in inner if name != "__pycache__")
            for name in sorted(names):
                status = os.stat(os.path.join(place, name))
                yield f"{place}/{name} {status.st_size} {status.st_mtime_ns}"
