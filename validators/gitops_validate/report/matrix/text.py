"""The matrix as text: as wide as the terminal allows, and of each line only what differs from the one above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

from msgspec import Struct

from gitops_validate.parity.matrix import Matrix
from gitops_validate.report.escape import visible
from gitops_validate.report.look import Look, Role
from gitops_validate.report.matrix.lines import HEADS, LONGEST, MISSING, NOTHING, NUMBERS, UNKNOWN, Line, flags, groups, totals, unlike
from gitops_validate.report.totals import plural

SAME, ALIKE, UNLIKE = "·", "=", "≠"
GAP = 2
_PLAIN: Sequence[Role | None] = [None] * len(HEADS)


def text(found: Matrix, look: Look, width: int) -> str:
    """The matrix for a terminal. Where it is narrow, a component has a line of its own; where it is narrower still, images are left out."""
    listed, sums = groups(found), totals(found)
    table = _fitting([*listed, ("total", sums)], look, width)
    body = [line for name, lines in listed for line in table.component(name, lines)]
    started = [line for told in flags(found) for line in wrap(told, width, initial_indent="  ", subsequent_indent="    ")]
    return "".join(f"{line}\n" for line in [*table.head(), *body, *table.total(sums), *started, *_legend(listed, look)])


def _fitting(listed: Sequence[tuple[str, list[Line]]], look: Look, width: int) -> _Table:
    """A table with the columns that there is room for; with components above their lines if need be."""
    every, without = tuple(range(len(HEADS))), tuple(index for index, name in enumerate(HEADS) if name != "images")
    tables = [_Table(look, shown, stacked, _widths(listed, shown)) for shown in (every, without) for stacked in (False, True)]
    return next((table for table in tables if table.width <= width), tables[-1])


def _widths(listed: Sequence[tuple[str, list[Line]]], shown: Sequence[int]) -> dict[str, int]:
    lines = [line for _, several in listed for line in several]
    widths = {"component": max(len(visible(name, LONGEST)) for name in ["component", *(name for name, _ in listed)])}
    widths["environment"] = max(len(text) for text in ["environment", *(line.environments for line in lines)])
    return widths | {HEADS[index]: max(len(text) for text in [HEADS[index], *(line.cells[index] for line in lines)]) for index in shown}


class _Table(Struct, frozen=True):
    look: Look
    shown: Sequence[int]
    stacked: bool
    widths: Mapping[str, int]

    @property
    def width(self) -> int:
        """The characters of a line."""
        return GAP + sum(self.widths.values()) + GAP * (len(self.widths) - 1) - (self.widths["component"] + GAP if self.stacked else 0)

    def head(self) -> list[str]:
        """The names of the columns."""
        return [self.look.style(self._row("  ", "component", "environment", HEADS, _PLAIN), "dim")]

    def component(self, name: str, lines: list[Line]) -> list[str]:
        """The lines of a component; what is the same as above is a dot, so that only what differs is read."""
        unknown = any(UNKNOWN in line.cells for line in lines)
        mark = self.look.style(UNLIKE, "warning") if len(lines) > 1 else self.look.style(UNKNOWN if unknown else ALIKE, "dim")
        there, differing = [line for line in lines if line.cells[0] != MISSING], unlike(lines)
        above = [f"{mark} {self.look.style(visible(name, LONGEST), 'path')}"] if self.stacked else []
        rows = []
        for number, line in enumerate(lines):
            cells = [SAME if line in there[1:] and not differs else text for text, differs in zip(line.cells, differing, strict=True)]
            roles = [_role(text, differs=differs) for text, differs in zip(cells, differing, strict=True)]
            first = not number and not self.stacked
            rows.append(self._row(f"{mark} " if first else "  ", visible(name, LONGEST) if first else "", line.environments, cells, roles))
        return [*above, *rows]

    def total(self, sums: Sequence[Line]) -> list[str]:
        """The sums, below a rule."""
        rows = [self._row("  ", "total" if not number else "", line.environments, line.cells, _PLAIN) for number, line in enumerate(sums)]
        return [self.look.style("─" * self.width, "dim"), *rows]

    def _row(self, mark: str, name: str, environments: str, cells: Sequence[str], roles: Sequence[Role | None]) -> str:
        parts = [] if self.stacked else [name.ljust(self.widths["component"])]
        parts.append(environments.ljust(self.widths["environment"]))
        for index in self.shown:
            width = self.widths[HEADS[index]]
            padded = cells[index].rjust(width) if HEADS[index] in NUMBERS else cells[index].ljust(width)
            parts.append(self.look.style(padded, role) if (role := roles[index]) else padded)
        return (mark + (" " * GAP).join(parts)).rstrip()


def _role(text: str, *, differs: bool) -> Role | None:
    if text == MISSING or (differs and text):
        return "warning"
    return "dim" if text in (SAME, NOTHING, UNKNOWN) else None


def _legend(listed: Sequence[tuple[str, list[Line]]], look: Look) -> list[str]:
    unlike = sum(len(lines) > 1 for _, lines in listed)
    said = f"{plural(len(listed), 'component')}, {unlike} of them unlike ({UNLIKE}); {SAME} as above, {NOTHING} none"
    unknown = any(UNKNOWN in line.cells for _, lines in listed for line in lines)
    return ["", look.style(said + (f", {UNKNOWN} not rendered and not in the totals" if unknown else ""), "dim")]
