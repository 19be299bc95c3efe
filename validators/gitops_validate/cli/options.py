"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from gitops_validate.model.finding import Severity

F = TypeVar("F", bound=Callable[..., Any])


class Format(Struct, frozen=True):
    """A report's format and where it goes; no file means stdout."""

    name: str
    file: Path | None = None


class FormatType(click.ParamType[Format]):
    """`NAME` or `NAME=FILE`."""

    name = "format[=file]"

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Format:
        """Split and check it."""
        if isinstance(value, Format):
            return value
        name, _, file = str(value).partition("=")
        if name not in self.names:
            self.fail(f"{name!r} is not a format; there are {', '.join(self.names)}", param, ctx)
        return Format(name, Path(file) if file else None)


class SeverityType(click.ParamType[Severity]):
    """A severity by its word."""

    name = "level"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Severity:
        """Look it up."""
        if isinstance(value, Severity):
            return value
        try:
            return Severity[str(value).upper()]
        except KeyError:
            self.fail(f"{value!r} is not a level; there are error, warning and info", param, ctx)


PATH = click.argument("path", type=click.Path(path_type=Path), default=".")
ENVIRONMENTS = click.option("--env", "environments", metavar="NAME", multiple=True, help="Only this environment (repeatable).")
CONFIG = click.option("--config", metavar="FILE", type=click.Path(path_type=Path), help="A configuration other than the checkout's.")
OFFLINE = click.option("--offline", is_flag=True, help="Open no connection.")
REGISTRY_CONFIG = click.option(
    "--registry-config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    envvar="GITOPS_VALIDATE_REGISTRY_CONFIG",
    show_envvar=True,
    help="Logins of the registries and repositories that charts come from, as `docker login` and `helm registry login` write them.",
)
REGISTRY_CA = click.option(
    "--registry-ca",
    metavar="FILE",
    type=click.Path(path_type=Path),
    envvar="GITOPS_VALIDATE_REGISTRY_CA",
    show_envvar=True,
    help="Certificates (PEM) of authorities that they are known by, beside the system's.",
)
NO_CACHE = click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
JOBS = click.option("--jobs", metavar="N", type=click.IntRange(1, 256), help="Engine processes; by default as many as are of use.")
COLOUR = click.option("--color", "colour", type=click.Choice(["auto", "always", "never"]), default="auto", help="When to use colours.")
QUIET = click.option("-q", "--quiet", is_flag=True, help="Only findings and gaps: no progress, no sum.")
CHANGED_SINCE = click.option("--changed-since", metavar="REF", help="Only findings that are not there where the work parted from REF.")
FAIL_LEVEL = click.option("--fail-level", type=SeverityType(), help="The least severity that fails: error (default), warning or info.")
EXIT_ZERO = click.option("--exit-zero", is_flag=True, help="Exit 0 in spite of findings.")


def formats(*names: str) -> Callable[[F], F]:
    """`--format F[=FILE]`, repeatable."""
    return click.option("--format", "formats", type=FormatType(names), multiple=True, help=f"{' or '.join(names)}, to stdout or a file (repeatable).")


def one_format(*names: str) -> Callable[[F], F]:
    """`--format F`, the first by default."""
    return click.option("--format", "form", type=click.Choice(names), default=names[0], help="How to print it.")


def combined(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one decorator, shown in this order."""

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


class RunOptions(Struct, frozen=True):
    """How a checkout is read, the same for every command that does."""

    config: Path | None
    offline: bool
    no_cache: bool
    jobs: int | None
    quiet: bool
    registry_config: Path | None
    registry_ca: Path | None


_RUN = combined(CONFIG, OFFLINE, REGISTRY_CONFIG, REGISTRY_CA, NO_CACHE, JOBS, QUIET)


def with_run(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options of a run, as its parameter `run`."""

    @_RUN
    @wraps(function)
    def call(**given: Any) -> int:
        run = RunOptions(**{name: given.pop(name) for name in RunOptions.__struct_fields__})
        return function(run=run, **given)

    return call
