"""The matrix as a table of Markdown, in which nothing of the repository has a meaning."""

from __future__ import annotations

from html import escape

from gitops_validate.parity.matrix import Matrix
from gitops_validate.report.escape import visible
from gitops_validate.report.matrix.lines import HEADS, MISSING, NUMBERS, flags, groups, totals, unlike


def markdown(found: Matrix) -> str:
    """The matrix as a table: what differs is bold."""
    head = ["component", "environment", *HEADS]
    rows = [
        [
            _code(name) if not number else "",
            _code(line.environments),
            *(_marked(cell, differs) for cell, differs in zip(line.cells, marks, strict=True)),
        ]
        for name, lines in groups(found)
        for marks in [unlike(lines)]
        for number, line in enumerate(lines)
    ]
    sums = [["**total**", _code(line.environments), *map(_code, line.cells)] for line in totals(found)]
    ruler = ["---:" if name in NUMBERS else "---" for name in head]
    table = "".join(f"| {' | '.join(row)} |\n" for row in [head, ruler, *rows, *sums])
    return table + "".join(f"\n{_code(told)}\n" for told in flags(found))


def _marked(cell: str, differs: bool) -> str:
    return f"**{_code(cell)}**" if cell and (differs or cell == MISSING) else _code(cell)


def _code(text: str) -> str:
    return f"<code>{escape(visible(text)).replace('|', '&#124;')}</code>" if text else ""
