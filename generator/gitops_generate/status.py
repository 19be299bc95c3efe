"""What runs where: the version of each component in each environment, beside the template's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gitops_generate import answers, catalogue, promote
from gitops_generate.errors import Refused

_STATED = re.compile(r"""(?m)^ +(?:- )?(?P<field>digest|tag|version|image|imageName): ["']?(?P<value>[^\s"'#]+)""")


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
        raise Refused(f"{repository} has no {answers.FILE}: name the root of a generated repository with --repo, or run this there")
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
    """The version that a file states, or None where it states none: a chart's, or an image's tag or digest."""
    try:
        found = _STATED.search(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    if found is None:
        return None
    return found["value"].rpartition(":")[2] if found["field"].startswith("image") else found["value"]
