"""`gitops-validate version`."""

from __future__ import annotations

from pathlib import Path

import click

from gitops_validate import __version__
from gitops_validate.cli.output import emit
from gitops_validate.errors import UsageError

_ENGINE = Path(__file__).parent.parent / "_engine"


@click.command("version")
@click.option("--licences", "--licenses", "licences", is_flag=True, help="The licences of all that the engine is linked from.")
def command(licences: bool) -> int:
    """Print the version, and that of the engine."""
    if licences:
        emit(_read("LICENSES.txt"))
    else:
        emit(f"gitops-validate {__version__}\ngitops-engine {_engine_version()}\n")
    return 0


def _engine_version() -> str:
    try:
        return (_ENGINE / "VERSION").read_text("utf-8").strip()
    except OSError:  # built by hand
        return "of unknown version"


def _read(name: str) -> str:
    try:
        return (_ENGINE / name).read_text("utf-8")
    except OSError as fault:
        raise UsageError("gitops-engine is missing from this installation: reinstall gitops-validate, or run `make` in its checkout") from fault
