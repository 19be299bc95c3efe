"""The matrix of components and environments, as text for terminals of any width, and as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from gitops_validate.parity.matrix import Cell, Component, Matrix
from gitops_validate.quantity import cores, size
from gitops_validate.report.escape import visible
from gitops_validate.report.look import Look, Role
from gitops_validate.report.totals import plural

HEADS = ("version", "images", "replicas", "cpu", "memory", "storage")
NUMBERS = frozenset({"replicas", "cpu", "memory", "storage"})
SAME, NOTHING, UNKNOWN, MISSING = "·", "-", "?", "not here"
ALIKE, UNLIKE = "=", "≠"
LONGEST = 44
"""Characters of a cell."""
_GAP = 2
_PLAIN: Sequence[Role | None] = [None] * len(HEADS)


@dataclass(frozen=True)
class Line:
    """Environments that are alike in a component, and their cells in the order of `HEADS`; empty cells where they do not have it."""

    environments: str
    cells: tuple[str, ...]


def text(found: Matrix, look: Look, width: int) -> str:
    """The matrix for a terminal. Where it is narrow, a component has a line of its own; where it is narrower still, images are left out."""
    groups = [(name, _lines(component, found.environments)) for name, component in _named(found)]
    totals = [("total", [_total(found, name)]) for name in found.environments]
    shown, stacked = _layout([*groups, *totals], width)
    table = _Table(look, shown, stacked, _widths([*groups, *totals], shown))
    body = [line for name, lines in groups for line in table.component(name, lines)]
    return "".join(f"{line}\n" for line in [*table.head(), *body, *table.total(totals), *_legend(groups, look)])


def markdown(found: Matrix) -> str:
    """The matrix as a table of Markdown."""
    head = ["component", "environment", *HEADS]
    rows = [
        [_code(name) if not number else "", _code(line.environments), *(_marked(cell, lines, index) for index, cell in enumerate(line.cells))]
        for name, component in _named(found)
        for lines in [_lines(component, found.environments)]
        for number, line in enumerate(lines)
    ]
    totals = [["**total**", _code(line.environments), *map(_code, line.cells)] for line in (_total(found, name) for name in found.environments)]
    ruler = ["---:" if name in NUMBERS else "---" for name in head]
    return "".join(f"| {' | '.join(row)} |\n" for row in [head, ruler, *rows, *totals])


def _named(found: Matrix) -> list[tuple[str, Component]]:
    """Each component with the shortest name that no other has."""
    often = Counter(each.name for each in found.components)
    return [(each.name if often[each.name] == 1 else f"{each.kind}/{each.namespace}/{each.name}", each) for each in found.components]


def _total(found: Matrix, name: str) -> Line:
    return Line(visible(name), (f"Kubernetes {found.environments[name]}", *_texts(found.totals[name])[1:]))


def _lines(component: Component, environments: Iterable[str]) -> list[Line]:
    """A line for each set of environments that are alike."""
    common = set.intersection(*(set(cell.images) for cell in component.cells.values()))
    groups: dict[Cell | None, list[str]] = {}
    for name in environments:
        groups.setdefault(component.cells.get(name), []).append(name)
    shared = all(cell is None or common.issuperset(cell.images) for cell in groups)
    everywhere = len(groups) == 1 and sum(map(len, groups.values())) > 1
    return [
        Line(
            "all" if everywhere else visible(", ".join(names)),
            _texts(cell, () if shared else common) if cell else (MISSING, *[""] * (len(HEADS) - 1)),
        )
        for cell, names in groups.items()
    ]


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


def _layout(groups: Iterable[tuple[str, list[Line]]], width: int) -> tuple[list[int], bool]:
    """The columns that there is room for, and whether components stand above their lines."""
    every, without = list(range(len(HEADS))), [index for index, name in enumerate(HEADS) if name != "images"]
    listed = list(groups)
    for shown, stacked in ((every, False), (every, True), (without, False), (without, True)):
        widths = _widths(listed, shown)
        if _GAP + sum(widths.values()) + _GAP * (len(widths) - 1) - (widths["component"] if stacked else 0) <= width:
            return shown, stacked
    return without, True


def _widths(groups: Iterable[tuple[str, list[Line]]], shown: Sequence[int]) -> dict[str, int]:
    listed = list(groups)
    widths = {"component": max(len(visible(name, LONGEST)) for name, _ in [("component", ()), *listed])}
    widths["environment"] = max(len(text) for text in ["environment", *(line.environments for _, lines in listed for line in lines)])
    for index in shown:
        widths[HEADS[index]] = max(len(text) for text in [HEADS[index], *(line.cells[index] for _, lines in listed for line in lines)])
    return widths


@dataclass(frozen=True)
class _Table:
    look: Look
    shown: Sequence[int]
    stacked: bool
    widths: Mapping[str, int]

    def head(self) -> list[str]:
        """The names of the columns."""
        return [self.look.style(self._row("  ", "component", "environment", HEADS, _PLAIN), "dim")]

    def component(self, name: str, lines: list[Line]) -> list[str]:
        """The lines of a component; what is the same as above is a dot, so that only what differs is read."""
        unknown = any(UNKNOWN in line.cells for line in lines)
        mark = self.look.style(UNLIKE, "warning") if len(lines) > 1 else self.look.style(UNKNOWN if unknown else ALIKE, "dim")
        there = [line for line in lines if line.cells[0] != MISSING]
        unlike = [len({line.cells[index] for line in there}) > 1 for index in range(len(HEADS))]
        above = [f"{mark} {self.look.style(visible(name, LONGEST), 'path')}"] if self.stacked else []
        rows = []
        for number, line in enumerate(lines):
            cells = [SAME if line in there[1:] and not differs else text for text, differs in zip(line.cells, unlike, strict=True)]
            roles = [_role(text, differs=differs) for text, differs in zip(cells, unlike, strict=True)]
            first = not number and not self.stacked
            rows.append(self._row(f"{mark} " if first else "  ", visible(name, LONGEST) if first else "", line.environments, cells, roles))
        return [*above, *rows]

    def total(self, totals: Sequence[tuple[str, list[Line]]]) -> list[str]:
        """The sums, below a line."""
        ruler = self.look.style(
            "─" * (_GAP + sum(self.widths.values()) + _GAP * (len(self.widths) - 1) - (self.widths["component"] if self.stacked else 0)), "dim"
        )
        rows = [
            self._row("  ", "total" if not number and not self.stacked else "", lines[0].environments, lines[0].cells, _PLAIN)
            for number, (_, lines) in enumerate(totals)
        ]
        return [ruler, *rows]

    def _row(self, mark: str, name: str, environments: str, cells: Sequence[str], roles: Sequence[Role | None]) -> str:
        parts = [] if self.stacked else [name.ljust(self.widths["component"])]
        parts.append(environments.ljust(self.widths["environment"]))
        for index in self.shown:
            width = self.widths[HEADS[index]]
            padded = cells[index].rjust(width) if HEADS[index] in NUMBERS else cells[index].ljust(width)
            parts.append(self.look.style(padded, role) if (role := roles[index]) else padded)
        return (mark + (" " * _GAP).join(parts)).rstrip()


def _role(text: str, *, differs: bool) -> Role | None:
    if text == MISSING or (differs and text):
        return "warning"
    return "dim" if text in (SAME, NOTHING, UNKNOWN) else None


def _legend(groups: Sequence[tuple[str, list[Line]]], look: Look) -> list[str]:
    unlike = sum(len(lines) > 1 for _, lines in groups)
    said = f"{plural(len(groups), 'component')}, {unlike} of them unlike ({UNLIKE}); {SAME} as above, {NOTHING} none"
    unknown = any(UNKNOWN in line.cells for _, lines in groups for line in lines)
    return ["", look.style(said + (f", {UNKNOWN} not rendered and not in the totals" if unknown else ""), "dim")]


def _marked(cell: str, lines: Sequence[Line], index: int) -> str:
    shown = _code(cell)
    there = {other.cells[index] for other in lines if other.cells[0] != MISSING}
    return f"**{shown}**" if shown and (len(there) > 1 or cell == MISSING) else shown


def _code(text: str) -> str:
    """A text of the repository, in which Markdown has no meaning."""
    return f"<code>{escape(visible(text)).replace('|', '&#124;')}</code>" if text and text != SAME else text
