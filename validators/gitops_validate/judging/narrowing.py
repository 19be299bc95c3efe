"""Nearer to the fault than the field that the API server names: the key or the item that its words mean, the schema that a definition holds."""

from __future__ import annotations

import re
from typing import Any

from gitops_validate.model.place import route
from gitops_validate.model.render import Cause
from gitops_validate.placing.routes import Route, existing, get

INVALID = re.compile(r'(?:[^:]*: )?Invalid value: "([^"]*)"')
TWICE = re.compile(r"duplicate entries for key \[(.*)\]")
PAIR = re.compile(r'(\w+)=("[^"]*"|[^,\]]+)')
ITEM = re.compile(r"element (\d+): ")
SCHEMA = "spec.validation.openAPIV3Schema"
"""What the API server calls the schema of a definition whose versions share it."""
STEP = re.compile(r"\.?([^.\[\]]+)|\[([^\]]*)\]")


def narrowed(cause: Cause, data: Any) -> Route:
    """The way to what is wrong in an object."""
    if cause.field.startswith(SCHEMA):
        return _in_schema(cause.field[len(SCHEMA) :], data)
    steps = route(cause.pointer)
    if existing(data, steps) != steps:
        return steps
    match get(data, steps):
        case dict() as fields:
            invalid = INVALID.match(cause.message)
            guilty = [key for key, value in fields.items() if invalid and invalid[1] in (key, value)]
            return (*steps, *guilty) if len(guilty) == 1 else steps
        case list() as items:
            return (*steps, *_item(cause.message, items))
    return steps


def _item(message: str, items: list[Any]) -> Route:
    """The item that is too much, or that lacks what tells it from others."""
    if lacking := ITEM.match(message):
        return (int(lacking[1]),)
    twice = TWICE.search(message)
    key = {name: value.strip('"') for name, value in PAIR.findall(twice[1])} if twice else {}
    same = [index for index, item in enumerate(items) if isinstance(item, dict) and key and _has(item, key)]
    return (same[-1],) if len(same) > 1 else ()


def _has(item: dict[str, Any], key: dict[str, str]) -> bool:
    """Whether an item has these values, where a default may be left out."""
    held = {name: str(item[name]) for name in key if name in item}
    return bool(held) and all(key[name] == value for name, value in held.items())


def _in_schema(path: str, data: Any) -> Route:
    """The way into the schema of the version that leads furthest."""
    steps = tuple(int(index) if (index := name or key).isdigit() else index for name, key in STEP.findall(path))
    listed = data["spec"].get("versions") if isinstance(data.get("spec"), dict) else None
    versions = range(len(listed) if isinstance(listed, list) else 0)
    ways = [existing(data, ("spec", "versions", index, "schema", "openAPIV3Schema", *steps)) for index in versions]
    return max(ways, key=len, default=("spec",))
