"""Where the boxes of a graph stand: layers from left to right, each box right of all that come before it, with few crossings.

After Sugiyama: cycles are opened, edges that others imply are left out, long edges get a bend in each layer that they cross, layers are sorted by
the middle of what their boxes are connected with, and boxes are pulled towards it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from msgspec import Struct

SWEEPS = 8


class Edge(NamedTuple):
    """From what comes before to what comes after."""

    before: str
    after: str


class Bend(NamedTuple):
    """Where a long edge crosses a layer."""

    edge: Edge
    layer: int


Spot = str | Bend


class Layout(Struct, frozen=True):
    """Rows and layers of the boxes, in units, from 0; and the points that each edge goes through, its ends included."""

    boxes: Mapping[str, tuple[float, float]]
    edges: Mapping[Edge, tuple[tuple[float, float], ...]]
    back: frozenset[Edge]
    """Edges that close a cycle: they lead back."""


def layout(names: Sequence[str], edges: Iterable[Edge]) -> Layout:
    """Place boxes by their edges. Edges to names that are not there are ignored."""
    wanted = [edge for edge in dict.fromkeys(edges) if edge.before in names and edge.after in names and edge.before != edge.after]
    back = _closing(names, wanted)
    forward = _reduced([edge for edge in wanted if edge not in back])
    layer = _layers(names, forward)
    chains = {edge: _chain(edge, layer) for edge in forward}
    rows = _rows(_ordered(names, layer, chains), chains)
    at = {spot: (float(spot.layer if isinstance(spot, Bend) else layer[spot]), row) for spot, row in rows.items()}
    drawn = {edge: tuple(at[spot] for spot in chain) for edge, chain in chains.items()}
    drawn |= {edge: (at[edge.before], at[edge.after]) for edge in back}
    return Layout({name: at[name] for name in names}, drawn, frozenset(back))


def _closing(names: Sequence[str], edges: Sequence[Edge]) -> set[Edge]:
    """The edges that lead back to a box that is being followed: without them there is no cycle."""
    after: dict[str, list[str]] = {name: [] for name in names}
    for edge in edges:
        after[edge.before].append(edge.after)
    back: set[Edge] = set()
    done: set[str] = set()
    for start in names:
        path, stack = {start}, [(start, iter(after[start] if start not in done else ()))]
        while stack:
            name, rest = stack[-1]
            found = next(rest, None)
            if found is None:
                stack.pop()
                path.discard(name)
                done.add(name)
            elif found in path:
                back.add(Edge(name, found))
            elif found not in done:
                path.add(found)
                stack.append((found, iter(after[found])))
    return back


def _reduced(edges: Sequence[Edge]) -> list[Edge]:
    """Without the edges that a longer way says as well."""
    after: dict[str, set[str]] = {}
    for edge in edges:
        after.setdefault(edge.before, set()).add(edge.after)
    beyond: dict[str, set[str]] = {}
    for name in reversed(_topological(edges)):
        beyond[name] = set().union(*({other} | beyond[other] for other in after.get(name, ())))
    return [edge for edge in edges if not any(edge.after in beyond[other] for other in after[edge.before])]


def _topological(edges: Sequence[Edge]) -> list[str]:
    waiting: dict[str, int] = {}
    after: dict[str, list[str]] = {}
    for edge in edges:
        waiting.setdefault(edge.before, 0)
        waiting[edge.after] = waiting.get(edge.after, 0) + 1
        after.setdefault(edge.before, []).append(edge.after)
    ready = [name for name, count in waiting.items() if not count]
    for name in ready:
        for other in after.get(name, ()):
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return ready


def _layers(names: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """The number of steps before each box."""
    layer = dict.fromkeys(names, 0)
    before: dict[str, list[str]] = {}
    for edge in edges:
        before.setdefault(edge.after, []).append(edge.before)
    for name in _topological(edges):
        layer[name] = max((layer[other] + 1 for other in before.get(name, ())), default=0)
    return layer


def _chain(edge: Edge, layer: Mapping[str, int]) -> list[Spot]:
    return [edge.before, *(Bend(edge, number) for number in range(layer[edge.before] + 1, layer[edge.after])), edge.after]


def _ordered(names: Sequence[str], layer: Mapping[str, int], chains: Mapping[Edge, list[Spot]]) -> list[list[Spot]]:
    """The layers, each from top to bottom."""
    layers: list[list[Spot]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for name in names:
        layers[layer[name]].append(name)
    for chain in chains.values():
        for spot in chain[1:-1]:
            assert isinstance(spot, Bend)
            layers[spot.layer].append(spot)
    left, right = _neighbours(chains)
    for sweep in range(SWEEPS):
        nearest = left if sweep % 2 == 0 else right
        for spots in layers if sweep % 2 == 0 else reversed(layers):
            index = {spot: number for each in layers for number, spot in enumerate(each)}
            middle = {spot: _mean([index[other] for other in nearest.get(spot, ())], index[spot]) for spot in spots}
            spots.sort(key=middle.__getitem__)
    return layers


def _neighbours(chains: Mapping[Edge, list[Spot]]) -> tuple[dict[Spot, list[Spot]], dict[Spot, list[Spot]]]:
    left: dict[Spot, list[Spot]] = {}
    right: dict[Spot, list[Spot]] = {}
    for chain in chains.values():
        for one, other in pairwise(chain):
            right.setdefault(one, []).append(other)
            left.setdefault(other, []).append(one)
    return left, right


def _rows(layers: Sequence[Sequence[Spot]], chains: Mapping[Edge, list[Spot]]) -> dict[Spot, float]:
    """The row of each box and bend, from 0."""
    left, right = _neighbours(chains)
    row: dict[Spot, float] = {}
    for spots in layers:
        row |= _apart(spots, [0.0] * len(spots))
    for sweep in range(SWEEPS):
        nearest = left if sweep % 2 == 0 else right
        for spots in layers if sweep % 2 == 0 else reversed(layers):
            row |= _apart(spots, [_mean([row[other] for other in nearest.get(spot, ())], row[spot]) for spot in spots])
    top = min(row.values(), default=0.0)
    return {spot: value - top for spot, value in row.items()}


def _apart(spots: Sequence[Spot], wanted: Sequence[float]) -> dict[Spot, float]:
    """The rows nearest to those that are wanted at which nothing overlaps."""
    row: dict[Spot, float] = {}
    last: float | None = None
    before: Spot = ""
    for spot, wish in zip(spots, wanted, strict=True):
        room = 0.5 if isinstance(spot, Bend) or isinstance(before, Bend) else 1.0
        last = row[spot] = wish if last is None else max(wish, last + room)
        before = spot
    shift = _mean([wish - row[spot] for spot, wish in zip(spots, wanted, strict=True)], 0.0)
    return {spot: value + shift for spot, value in row.items()}


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
