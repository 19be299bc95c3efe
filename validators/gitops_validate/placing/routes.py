"""Routes through JSON values: how far one leads, and where it leads in another version of the same object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

Route: TypeAlias = tuple[str | int, ...]

IDENTITY = ("name", "key", "mountPath", "devicePath", "containerPort", "port", "ip", "topologyKey", "uid", "type", "host", "path", "kind")
"""Keys by which Kubernetes' lists tell their items apart, the most telling first."""


def existing(value: Any, route: Route) -> Route:
    """The longest start of a route that leads somewhere, with the steps typed as the value has them."""
    steps: list[str | int] = []
    for step in route:
        match value:
            case dict() if str(step) in value:
                steps.append(str(step))
            case list() if isinstance(step, int) and 0 <= step < len(value):
                steps.append(step)
            case _:
                break
        value = value[steps[-1]]
    return tuple(steps)


def get(value: Any, route: Route) -> Any:
    """The value at a route that exists."""
    for step in route:
        value = value[step]
    return value


def follow(route: Route, known: Any, other: Any) -> tuple[Route, bool]:
    """Where a route that exists in `known` leads in another version of it, whose lists may be longer, shorter or in another order.

    Returns as much of it as there is, and whether that is all.
    """
    steps: list[str | int] = []
    for step in route:
        found: str | int | None = None
        match other, known:
            case dict(), dict():
                found = str(step) if str(step) in other else None
            case list(), list() if isinstance(step, int):
                found = _counterpart(known[step], step, known, other)
        if found is None:
            return tuple(steps), False
        steps.append(found)
        known, other = known[step], other[found]
    return tuple(steps), True


def leaves(value: Any) -> Iterator[tuple[Route, Any]]:
    """Every scalar in a value, with its route."""
    return ((route, below) for route, below in nodes(value) if not isinstance(below, dict | list))


def nodes(value: Any) -> Iterator[tuple[Route, Any]]:
    """A value and everything in it, with the route to each."""
    waiting: list[tuple[Route, Any]] = [((), value)]
    while waiting:
        here, value = waiting.pop()
        yield here, value
        if isinstance(value, dict):
            waiting += [((*here, step), below) for step, below in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [((*here, step), below) for step, below in reversed(list(enumerate(value)))]


def strings(value: Any) -> Iterator[str]:
    """Every string in a value, keys apart, in the order in which they stand."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            waiting += reversed(value.values() if isinstance(value, dict) else value)


def dotted(route: Route) -> str:
    """A route as the API server writes field paths: `spec.containers[0].image`."""
    text = ""
    for step in route:
        if isinstance(step, int) or "." in step or "/" in step:
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def _counterpart(item: Any, index: int, items: list[Any], others: list[Any]) -> int | None:
    """The item of another list that is the same one: by what identifies it, which may be a variable there, by being equal, or by its index.

    A name may have got a prefix, a suffix or a hash since. Items that nothing identifies keep their places where there are as many of them.
    """
    for key in IDENTITY if isinstance(item, dict) else ():
        if key in item:
            named = [(place, other.get(key)) for place, other in enumerate(others) if isinstance(other, dict)]
            same = _nearest([place for place, name in named if name == item[key]], index)
            grown = [place for place, name in named if "${" in str(name) or (name and key == "name" and str(name) in str(item[key]))]
            return same if same is not None else _nearest(grown, index)
    equal = _nearest([place for place, other in enumerate(others) if other == item], index)
    if equal is not None:
        return equal
    return index if index < len(others) and (not isinstance(item, dict) or len(items) == len(others)) else None


def _nearest(places: list[int], index: int) -> int | None:
    return min(places, key=lambda place: abs(place - index), default=None)
