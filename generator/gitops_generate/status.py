"""What runs where: the version of each component in each environment, beside the template's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from gitops_generate import answers, catalogue, promote
from gitops_generate.errors import Refused

_FIELDS = (
    ("spec", "ref", "tag"),
    ("spec", "ref", "digest"),
    ("spec", "chart", "spec", "version"),
    ("spec", "distribution", "version"),
    ("spec", "imageName"),
)


@dataclass(frozen=True)
class Line:
    """One component (or one of its parts, such as its database) in all environments."""

    component: str
    stage: str
    template: str | None  # the version that the installed template would write
    versions: tuple[tuple[str, str | None], ...]  # by environment, in the order of promotion


def status(repository: Path) -> tuple[Line, ...]:
    """One line a version that can be promoted. Raises Refused where the repository is not a generated one."""
    file = repository / answers.FILE
    if not file.is_file():
        raise Refused(f"{repository} has no {answers.FILE}: it was not generated, or lost its answers")
    environments = [str(environment["name"]) for environment in answers.read(file)["environments"]]
    return tuple(_lines(repository, environments))


def _lines(repository: Path, environments: list[str]) -> Iterator[Line]:
    overlays = sorted({path.parent.parent for path in repository.glob(f"platform/*/*/overlays/*/{promote.FILE}")})
    for overlay in overlays:
        component, stage = overlay.relative_to(repository).parts[1:3]
        entry = catalogue.entries().get(component, {})
        ours = str(entry["chart"]["version"]) if stage == "controller" and "chart" in entry else None
        yield Line(component, stage, ours, tuple((name, _version(overlay / name / promote.FILE)) for name in environments))


def _version(file: Path) -> str | None:
    """The version that a file states, or None where it states none."""
    try:
        document: Any = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, MarkedYAMLError, ValueError):
        return None
    for field in _FIELDS:
        value = document
        for step in field:
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, str):
            return value.rpartition(":")[2] if field == ("spec", "imageName") else value
    return None
