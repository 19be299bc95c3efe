"""When there are colours, and which."""

from __future__ import annotations

import os
import sys
from typing import Any, Literal

import click

from gitops_validate.report.look import Role, plain

When = Literal["auto", "always", "never"]

_STYLES: dict[Role, dict[str, Any]] = {
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "info": {"fg": "blue", "bold": True},
    "good": {"fg": "green"},
    "path": {"bold": True},
    "rule": {"fg": "cyan"},
    "dim": {"dim": True},
}


def wanted(when: When) -> bool:
    """Whether stdout gets colours: as asked for, else NO_COLOR, FORCE_COLOR, and only on a terminal."""
    if when != "auto":
        return when == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def style(text: str, role: Role) -> str:
    """The text in the colours of its role."""
    return click.style(text, **_STYLES[role])


def styler(when: When) -> Any:
    """`style`, or `plain` where no colours are wanted."""
    return style if wanted(when) else plain
