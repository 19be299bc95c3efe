"""Values as lines of YAML, for people to read: what is printed here is never parsed again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

from gitops_validate.model.change import ABSENT

_PLAIN = re.compile(r"[A-Za-z0-9_./<*(][\w./:@%+*<>()=-]*( [\w./:@%+*<>()=-]+)*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off"})
_NUMBER = re.compile(r"[+-]?(\d[\d_]*\.?\d*([eE][+-]?\d+)?|0x[0-9a-fA-F]+|0o[0-7]+|\.\d+)")


def lines(value: Any) -> list[str]:
    """A value as lines of block YAML; of one that is absent there are none."""
    return [] if value is ABSENT else list(_lines(value))


def inline(value: Any) -> str:
    """A value on one line, in flow style."""
    match value:
        case dict():
            return "{" + ", ".join(f"{_scalar(str(key))}: {inline(below)}" for key, below in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(inline, value)) + "]"
    return "" if value is ABSENT else _scalar(value)


def _lines(value: Any) -> Iterator[str]:
    match value:
        case dict() if value:
            for key, below in value.items():
                yield from _entry(f"{_scalar(str(key))}:", below, "  ")
        case list() if value:
            for below in value:
                inner = list(_lines(below)) if isinstance(below, dict | list) and below else []
                yield from (f"{'  ' if number else '- '}{line}" for number, line in enumerate(inner))
                if not inner:
                    yield from _entry("-", below, "  ")
        case _:
            yield from _text(str(value)) if _is_text(value) else (inline(value),)


def _entry(head: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict | list) and value:
        yield head
        yield from (f"{indent if isinstance(value, dict) else ''}{line}" for line in _lines(value))
    elif _is_text(value):
        yield f"{head} |"
        yield from (f"{indent}{line}" for line in _text(value))
    else:
        yield f"{head} {inline(value)}"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\n" in value


def _text(value: str) -> Iterator[str]:
    yield from value.splitlines()


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS and not _NUMBER.fullmatch(value) and not value.endswith(":")
        return value if plain and ": " not in value else orjson.dumps(value.encode("utf-8", "backslashreplace").decode()).decode()
    return orjson.dumps(value).decode()
