"""Private keys, and where what they open may go."""

from __future__ import annotations

import sys
from pathlib import Path

from gitops_validate.cli.output import is_device
from gitops_validate.engine import Engine, Question
from gitops_validate.errors import UsageError
from gitops_validate.revisions import git, trust

LARGEST_KEY = 1 << 16


def identities(file: Path | None) -> bytes:
    """The private keys in a file. Raises UsageError where none may be used, or none can be read."""
    if file is None:
        return b""
    if trust.base():
        raise UsageError("nothing is decrypted in the pipeline of a merge request: leave --age-key-file out there")
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST_KEY)
    except OSError as fault:
        raise UsageError(f"cannot read {file}: {fault.strerror or fault}") from fault


def opening(file: Path) -> bytes:
    """The same, where something is to be decrypted with them. Raises UsageError if a line of the file is no key of age."""
    found = identities(file)
    with Engine([], workers=1) as engine:
        problems = engine.ask(Question("recipients", {}, (found,))).result["problems"]
    if problems:
        raise UsageError(f"{file}: {problems[0]['message']}")
    return found


def refuse_open(output: Path | None, checkout: Path) -> None:
    """Raises UsageError where secrets would go to a pipe, to a device, or to a file that may be committed."""
    if output is None:
        if not sys.stdout.isatty():
            raise UsageError("secrets go to a terminal or to a file that only you can read: add --output FILE")
        return
    folder = output.absolute().parent.resolve()
    if is_device(output):
        raise UsageError(f"secrets go to a terminal or to a file that only you can read, and {output} is neither")
    if _may_be_committed(folder, output.name, checkout.resolve()):
        raise UsageError(f"{output} would lie in a checkout where git does not ignore it: name a file outside of it")


def _may_be_committed(folder: Path, name: str, checkout: Path) -> bool:
    inside = checkout in (folder, *folder.parents) or any((above / ".git").exists() for above in (folder, *folder.parents))
    return inside and git.ask(folder, "check-ignore", "--quiet", "--", name) is None
