"""Git, asked without hooks, filters, helpers or the user's settings having a say, and without a write to its folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
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


def fetch(
    store: Path, address: str, commit: str, seconds: float, *, protocols: str, settings: Mapping[str, str] | None = None, home: str = ""
) -> str | None:
    """Fetch one commit into a new repository in an empty folder, or one that was made so; the last that git says where it does not, else None.

    The address, which may hold a token, is no argument. `protocols` are those that git may speak, `home` is where it finds the user's settings, if
    these are to count. Raises OSError or TimeoutExpired.
    """
    given = {"remote.origin.url": address, **(settings or {})}
    pairs = {
        f"GIT_CONFIG_{part}_{number}": text for number, pair in enumerate(given.items()) for part, text in zip(("KEY", "VALUE"), pair, strict=True)
    }
    allowed = {**environment(), **pairs, "GIT_CONFIG_COUNT": str(len(given)), "GIT_ALLOW_PROTOCOL": protocols, **({"HOME": home} if home else {})}
    for line in (("init", "--bare", "--quiet", "."), ("fetch", "--depth=1", "--no-tags", "--no-write-fetch-head", "--quiet", "origin", commit)):
        done = subprocess.run((*command(store), *line), env=allowed, capture_output=True, timeout=seconds, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            return said[-1][:200] if said else f"git ended with {done.returncode}"
    return None


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
