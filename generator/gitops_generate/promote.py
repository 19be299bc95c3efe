"""Promotion: the versions that one environment runs become those of the next. Nothing else moves."""

from __future__ import annotations

import shutil
from pathlib import Path

from gitops_generate.errors import WrongAnswer

FILE = "version.yaml"


def promote(repository: Path, components: list[str], source: str, target: str) -> None:
    """Copy the version files of some components (all, if none is named) from one environment's overlays to another's. Raises WrongAnswer."""
    for environment in (source, target):
        if not (repository / "clusters" / environment).is_dir():
            raise WrongAnswer(f"there is no environment {environment}: clusters/{environment} is not there")
    for name in components:
        if not list(versions(repository, name, source)):
            raise WrongAnswer(f"there is no version of {name} in {source}: platform/{name}/*/overlays/{source}/{FILE} is not there")
    for name in components or ["*"]:
        for version in versions(repository, name, source):
            overlay = version.parent.parent / target
            if overlay.is_dir():
                shutil.copyfile(version, overlay / FILE)


def versions(repository: Path, component: str, environment: str) -> list[Path]:
    """The files that hold a component's versions in one environment, or all components' with `*`."""
    return sorted(path for path in repository.glob(f"platform/{component}/*/overlays/{environment}/{FILE}") if not path.is_symlink())
