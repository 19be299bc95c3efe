"""Values that may be anything: what is not as it should be counts as not there, for the API server says so already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitops_validate.placing.routes import Route


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is a map, else an empty one."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """The value if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def dig(value: Any, *route: str | int) -> Any:
    """What stands at a route, None where it ends early."""
    for step in route:
        match value, step:
            case dict(), str():
                value = value.get(step)
            case list(), int() if 0 <= step < len(value):
                value = value[step]
            case _:
                return None
    return value


def entries(value: Any, *route: str) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Each map of the list at a route, with the route to it."""
    listed = dig(value, *route)
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, dict):
            yield (*route, index), entry


def labels(value: Any) -> dict[str, str]:
    """The strings of a map of labels."""
    return {key: label for key, label in mapping(value).items() if isinstance(label, str)}
