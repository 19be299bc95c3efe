"""From options of the command line to what the pipeline is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gitops_validate.check import Options
from gitops_validate.cli.options import RunOptions
from gitops_validate.cli.progress import Progress
from gitops_validate.engine import Engine
from gitops_validate.errors import UsageError
from gitops_validate.model.access import Access

if TYPE_CHECKING:
    from gitops_validate.config import Config


def asked(path: Path, environments: tuple[str, ...], run: RunOptions, progress: Progress) -> Options:
    """What a run is asked for. Raises UsageError for a configuration that cannot be read."""
    config = _configuration(run.config) if run.config else None
    workers = run.jobs or (config.workers if config else 0)
    return Options(path, environments, config, run.offline, not run.no_cache, workers, progress=progress, access=_access(path, run))


def _access(path: Path, run: RunOptions) -> Access:
    if not (run.registry_config or run.registry_ca):
        return Access()
    from gitops_validate.cli.registries import access  # noqa: PLC0415 - seldom given, and certificates take a while to import

    return access(run.registry_config, run.registry_ca, path)


def _configuration(file: Path) -> Config:
    try:
        text = file.read_bytes()
    except OSError as fault:
        raise UsageError(f"cannot read {file}: {fault.strerror or fault}") from fault
    from gitops_validate.config import parse  # noqa: PLC0415 - only for a configuration that is named

    with Engine([], workers=1) as engine:
        return parse(text, engine, str(file))
