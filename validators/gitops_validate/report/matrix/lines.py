"""What a line of the matrix says: the cells of a component in environments that are alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

from gitops_validate.parity.matrix import Cell, Component, Matrix
from gitops_validate.report.escape import visible
from gitops_validate.report.totals import plural
from gitops_validate.workloads.quantity import cores, size

HEADS = ("version", "images", "replicas", "cpu", "memory", "storage")
NUMBERS = frozenset({"replicas", "cpu", "memory", "storage"})
NOTHING, UNKNOWN, MISSING = "-", "?", "not here"
LONGEST = 44
"""Characters of a cell."""
NAMES = 32
"""Characters of the names of environments that share a line."""


class Line(Struct, frozen=True):
    """Environments that are alike in a component, and their cells in the order of `HEADS`; empty cells where they do not have it."""

    environments: str
    cells: tuple[str, ...]


def groups(found: Matrix) -> list[tuple[str, list[Line]]]:
    """The lines of each component, with the shortest name that no other has."""
    often = Counter(each.name for each in found.components)
    names = (each.name if often[each.name] == 1 else f"{each.kind}/{each.namespace}/{each.name}" for each in found.components)
    return [(name, _lines(each, list(found.environments))) for name, each in zip(names, found.components, strict=True)]


def totals(found: Matrix) -> list[Line]:
    """The sum of each environment, and its Kubernetes."""
    versions = {name: f"Kubernetes {server.version}" for name, server in found.environments.items()}
    return [Line(visible(name), (versions[name], *_texts(found.totals[name])[1:])) for name in found.environments]


def flags(found: Matrix) -> list[str]:
    """What the API servers are started with that are not started as their version is by default."""
    return [visible(f"{name}: {server}") for name, server in found.environments.items() if server.changed]


def unlike(lines: Sequence[Line]) -> list[bool]:
    """Which columns differ between the environments that have a component."""
    there = [line for line in lines if line.cells[0] != MISSING]
    return [len({line.cells[index] for line in there}) > 1 for index in range(len(HEADS))]


def _lines(component: Component, environments: Sequence[str]) -> list[Line]:
    """A line for each set of environments that are alike."""
    common = set.intersection(*(set(cell.images) for cell in component.cells.values()))
    alike: dict[Cell | None, list[str]] = {}
    for name in environments:
        alike.setdefault(component.cells.get(name), []).append(name)
    shared = all(cell is None or common.issuperset(cell.images) for cell in alike)
    return [
        Line(_together(names, environments), _texts(cell, () if shared else common) if cell else (MISSING, *[""] * (len(HEADS) - 1)))
        for cell, names in alike.items()
    ]


def _together(names: Sequence[str], every: Sequence[str]) -> str:
    """Environments in few words."""
    others = [name for name in every if name not in names]
    if not others and len(names) > 1:
        return "all"
    if len(names) > 3 and len(others) < 3:
        return visible(f"all but {', '.join(others)}")
    shown = len(names)
    while shown > 1 and len(", ".join(names[:shown])) > NAMES:
        shown -= 1
    return visible(", ".join(names[:shown])) + (f" + {len(names) - shown}" if shown < len(names) else "")


def _texts(cell: Cell, common: Iterable[str] = ()) -> tuple[str, ...]:
    """The cells of a line; of the images only those that are not `common` to all, if there are such."""
    version = visible(cell.version, LONGEST) or NOTHING
    if not cell.rendered and not cell.images:
        return version, *[UNKNOWN] * (len(HEADS) - 1)
    asked, own = cell.requests, [image for image in cell.images if image not in common]
    amounts = (cores(asked.cpu) if asked.cpu else NOTHING, *(size(value) if value else NOTHING for value in (asked.memory, asked.storage)))
    return version, _images(own, len(cell.images) - len(own)), _replicas(cell), *amounts


def _images(images: Sequence[str], others: int) -> str:
    """Images by their names and tags where there is one, or where others are left out; else how many there are."""
    if not images or (len(images) > 1 and not others):
        return plural(len(images) + others, "image") if images or others else NOTHING
    named = ", ".join(image.rpartition("/")[2].partition("@")[0] for image in images)
    return visible(named, LONGEST) + (f" + {others}" if others else "")


def _replicas(cell: Cell) -> str:
    every = f"{cell.per_node}/node" if cell.per_node else ""
    return " + ".join(part for part in (str(cell.replicas) if cell.replicas else "", every) if part) or NOTHING
