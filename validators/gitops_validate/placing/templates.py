"""Where a field stands in a template of a chart: templates are text, so it is looked for as a person would, key by key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gitops_validate.model.place import Place
from gitops_validate.placing.routes import Route

LONGEST = 20_000
"""Lines of a template that are looked through."""
ITEM = re.compile(r"\s*-\s")
VALUES = re.compile(r"\.Values\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
WITHIN = re.compile(r"/charts/([^/]+)/")
ACTION = re.compile(r"\s*(\{\{|#|$)")


def in_template(path: str, text: str, kind: str, route: Route) -> Place:
    """The line of a route into an object of a kind, as far as the template writes it out; else the object's kind, or the file."""
    lines = text.splitlines()[:LONGEST]
    found = Place(path, 1, 1, precision="file")
    for start, column in _keys(lines, range(len(lines)), "kind", rf"\s*+[\"']?{re.escape(kind)}\b"):
        found = Place(path, start + 1, column + 1, column + 1 + len("kind"), "template")
        document = _document(lines, start)
        return _followed(path, lines, document, route) or found
    return found


def reference(line: str, key: str | int, template: str) -> Route:
    """The values that a line of a template writes out under a key, as the release names them; () if it is not plain what they are.

    A chart within another has its values below its own name, but for those that are global.
    """
    named = set(VALUES.findall(line)) if re.search(rf"(?:^|[\s\"'{{,]){re.escape(str(key))}[\"']?\s*:", line) else set()
    if len(named) != 1 or line.count("{{") != 1:
        return ()
    steps = tuple(named.pop().split("."))
    return steps if steps[0] == "global" else (*WITHIN.findall(template), *steps)


def _document(lines: Sequence[str], inside: int) -> range:
    """The lines of the document that a line is in."""
    ends = [-1, *(number for number, line in enumerate(lines) if line.startswith("---")), len(lines)]
    begin = max(end for end in ends if end < inside)
    return range(begin + 1, next(end for end in ends if end > inside))


def _followed(path: str, lines: Sequence[str], within: range, route: Route) -> Place | None:
    """The place of the last step of a route that is written out, None if the first is not."""
    found: Place | None = None
    for step in route:
        if isinstance(step, int):
            within = _item(lines, within, step)
            continue
        line, column = next(_keys(lines, within, step), (-1, 0))
        if line < 0:
            break
        found = Place(path, line + 1, column + 1, column + 1 + len(step), "template")
        within = _below(lines, line, column, within.stop)
    return found


def _keys(lines: Sequence[str], within: range, key: str, value: str = "") -> Iterator[tuple[int, int]]:
    """The lines, and columns from 0, in which a key stands: in lines of its own, the least indented first, or between braces."""
    own = re.compile(rf"(?:\s*+-\s++)?\s*+[\"']?({re.escape(key)})[\"']?\s*+:{value}")
    braced = re.compile(rf"[{{,]\s*+[\"']?({re.escape(key)})[\"']?\s*+:{value}")
    matches = ((number, own.match(lines[number])) for number in within)
    yield from sorted(((number, match.start(1)) for number, match in matches if match), key=lambda each: (each[1], each[0]))
    yield from ((number, match.start(1)) for number in within if not ACTION.match(lines[number]) and (match := braced.search(lines[number])))


def _below(lines: Sequence[str], line: int, column: int, stop: int) -> range:
    """The lines that a key holds: those that are indented more, or are items beside it; and its own line, for what stands between braces."""
    end = line + 1
    while end < stop:
        text = lines[end]
        indent = len(text) - len(text.lstrip())
        if not ACTION.match(text) and (indent < column or (indent == column and not ITEM.match(text))):
            break
        end += 1
    return range(line if "{" in lines[line][column:] else line + 1, end)


def _item(lines: Sequence[str], within: range, index: int) -> range:
    """The lines of one item of a list, if the items are written out; else all of them."""
    starts = [number for number in within if ITEM.match(lines[number])]
    indent = min((len(lines[number]) - len(lines[number].lstrip()) for number in starts), default=0)
    starts = [number for number in starts if len(lines[number]) - len(lines[number].lstrip()) == indent]
    if index >= len(starts):
        return within
    return range(starts[index], starts[index + 1] if index + 1 < len(starts) else within.stop)
