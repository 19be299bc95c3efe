"""The reconcile graph of an environment as SVG: what comes first stands left, what failed or is missing is marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from gitops_validate.model.graph import Node
from gitops_validate.report.escape import visible
from gitops_validate.report.layers import Edge, Layout, layout
from gitops_validate.report.totals import plural

MOST = 300
"""Boxes that one drawing shows."""
WIDTH, HEIGHT, ACROSS, DOWN, EDGE = 220, 50, 260, 64, 10
_LETTERS = 25
STATES = {"ok": "✓", "failed": "✕", "incomplete": "?", "suspended": "‖", "missing": "✕"}


def drawing(nodes: Sequence[Node], links: Mapping[str, tuple[str, int]]) -> str:
    """The graph. `links` names, by reconciler, the anchor of its first finding and how many there are. "" if there is nothing to draw."""
    known = {str(node.ref): node for node in nodes}
    missing = sorted({other for node in nodes for other in node.depends_on} - set(known))
    if not nodes or len(known) + len(missing) > MOST:
        return ""
    edges = [Edge(other, str(node.ref)) for node in nodes for other in (*node.depends_on, node.declared_by) if other]
    placed = layout([*known, *missing], edges)
    lines = [_line(edge, placed, missing) for edge in placed.edges]
    boxes = [_box(name, known.get(name), placed.boxes[name], links.get(name)) for name in placed.boxes]
    width, height = (round(max(spot[axis] for spot in placed.boxes.values()) * step) for axis, step in ((0, ACROSS), (1, DOWN)))
    view = f"0 0 {width + WIDTH + 2 * EDGE} {height + HEIGHT + 2 * EDGE}"
    size = f'width="{width + WIDTH + 2 * EDGE}" height="{height + HEIGHT + 2 * EDGE}"'
    return f'<svg class="graph" viewBox="{view}" {size} role="group" aria-label="Reconcilers">{"".join(lines)}{"".join(boxes)}</svg>'


def _at(spot: tuple[float, float]) -> tuple[int, int]:
    return round(spot[0] * ACROSS) + EDGE, round(spot[1] * DOWN) + EDGE


def _line(edge: Edge, placed: Layout, missing: Sequence[str]) -> str:
    """A curve from the right side of one box to the left side of another, through its bends."""
    back = edge in placed.back
    points = [_at(spot) for spot in placed.edges[edge]]
    (x, y), middle = points[0], HEIGHT // 2
    path = f"M{x + WIDTH} {y + middle}"
    x += WIDTH
    y += middle
    for number, (to_x, to_y) in enumerate(points[1:], 2):
        end_y, reach = to_y + middle, max((to_x - x) // 2, 24)
        path += f"C{x + reach} {y} {to_x - reach} {end_y} {to_x} {end_y}"
        x, y = to_x, end_y
        if number < len(points):  # a bend is as wide as a box, so that the line does not run below one
            x += WIDTH
            path += f"H{x}"
    kind = " bad" if back or edge.before in missing else ""
    return f'<path class="edge{kind}" d="{path}"/><circle class="tip{kind}" cx="{x}" cy="{y}" r="3"/>'


def _box(name: str, node: Node | None, spot: tuple[float, float], found: tuple[str, int] | None) -> str:
    x, y = _at(spot)
    kind, _, rest = name.partition("/")
    _namespace, _, own = rest.rpartition("/")
    state = node.state if node else "missing"
    about = plural(node.objects, "object") if node and node.state in ("ok", "suspended") and not found else state
    about = plural(found[1], "finding") if found else about
    bad = " found" if found else ""
    body = (
        f"<title>{_text(_title(name, node))}</title>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="9"/>'
        f'<text class="state" x="14" y="30">{STATES.get(state, "?") if not found or state != "ok" else "!"}</text>'
        f'<text class="name" x="34" y="21">{_text(_short(own or name))}</text>'
        f'<text class="about" x="34" y="38">{_text(_short(f"{kind} · {about}", _LETTERS + 4))}</text>'
    )
    box = f'<g class="box {state}{bad}" transform="translate({x} {y})">{body}</g>'
    return f'<a href="#{escape(found[0])}">{box}</a>' if found else box


def _title(name: str, node: Node | None) -> str:
    if node is None:
        return f"{name}: nothing declares it"
    after = f"\nafter {', '.join(node.depends_on)}" if node.depends_on else ""
    return f"{name}: {node.state}, {plural(node.objects, 'object')}{after}"


def _short(text: str, letters: int = _LETTERS) -> str:
    return text if len(text) <= letters else f"{text[: letters - 8]}…{text[-7:]}"


def _text(text: str) -> str:
    return escape("\n".join(map(visible, text.split("\n"))))
