"""Environments and their values in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from gitops_validate.model.change import ABSENT

_LONGEST = 60


def listed(names: Iterable[str]) -> str:
    """`dev`, `dev and stage`, `dev, stage and prod`."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def by_value(values: Mapping[str, Any]) -> list[tuple[Any, list[str]]]:
    """The environments that have the same value together, those of the rarest value first."""
    groups: dict[bytes, tuple[Any, list[str]]] = {}
    for name, value in values.items():
        key = b"" if value is ABSENT else orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        groups.setdefault(key, (value, []))[1].append(name)
    return sorted(groups.values(), key=lambda group: len(group[1]))


def said(value: Any) -> str:
    """A value in a sentence, which stays one."""
    if value is ABSENT:
        return "not set"
    if isinstance(value, str) and "\n" in value.strip():
        return f"a text of {len(value.splitlines())} lines"
    if isinstance(value, dict) and value:
        return shortened(f"{{{', '.join(f'{key}: {said(below)}' for key, below in value.items())}}}")
    return shortened(value if isinstance(value, str) and value.strip() else orjson.dumps(value).decode())


def shortened(text: str) -> str:
    """A text that fits into a sentence."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
