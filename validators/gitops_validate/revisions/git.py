"""Git, asked without hooks, filters, helpers or the user's settings having a say, and without a write to its folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SECONDS = 30
"""How long git may take for one question."""
GIT = ("git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.ext.allow=never", "-c", "safe.directory=*")


def ask(root: Path, *args: str) -> bytes | None:
    """What git prints, None when it fails or is not there."""
    return feed(root, b"", *args)


def feed(root: Path, text: bytes, *args: str) -> bytes | None:
    """The same, where git is given a text to read."""
    try:
        done = subprocess.run((*command(root), *args), capture_output=True, timeout=SECONDS, check=False, env=environment(), input=text)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def command(root: Path) -> tuple[str, ...]:
    """How git is called in a folder."""
    return (*GIT, "-C", os.fspath(root))


def environment() -> dict[str, str]:
    """All that git gets to know. What a partial clone lacks is not fetched behind anybody's back, whatever the clone's settings allow."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "HOME": "/nonexistent",
    }
