"""How a report for people looks: decided by whoever knows the terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

WIDTH = 128
"""Columns of a report that no terminal shows."""
Role = Literal["error", "warning", "info", "path", "rule", "dim", "good"]
"""What a piece of text is; the caller decides which colour that has."""


def plain(text: str, _role: Role) -> str:
    """No colours."""
    return text


def no_source(_path: str) -> str | None:
    """No file can be shown."""
    return None


class Look(Struct, frozen=True):
    """Colours, where to find the text of a file for the lines shown, whether only findings are wanted, and how many columns a line has at most."""

    style: Callable[[str, Role], str] = plain
    source: Callable[[str], str | None] = no_source
    quiet: bool = False
    width: int = WIDTH
