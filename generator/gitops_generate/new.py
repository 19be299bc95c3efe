"""A new repository: answers, files, keys and secrets, a first commit. It appears when it is complete."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gitops_generate import answers, catalogue, conflicts, copying
from gitops_generate.errors import Refused
from gitops_generate.git import git

Step = Callable[[Path], object]


def complete(given: Mapping[str, Any]) -> dict[str, Any]:
    """Answers in the words of the questions: `all` and `minimal` become the components that they mean. Raises WrongAnswer."""
    answers.check(given)
    words = {"all": catalogue.choices(), "minimal": []}
    components = given.get("components")
    return {**given, **({"components": words[components]} if isinstance(components, str) else {})}


def create(
    destination: Path, given: Mapping[str, Any], *, ask: bool, steps: tuple[Step, ...] = (), address: str, version: str | None = None
) -> dict[str, Any]:
    """Generate a repository at a path where nothing is, and return its answers.

    Each step then works on the finished files, before the first commit. All of it happens in a folder beside the destination, which
    takes the destination's name at the end. Raises Refused and WrongAnswer.
    """
    _must_be_free(destination)
    given = complete(given)
    try:
        scratch = Path(tempfile.mkdtemp(prefix=f".{destination.name}.", dir=destination.parent))
    except OSError as fault:
        raise Refused(f"{destination.parent} cannot be written to: {fault.strerror}") from None
    try:
        making = scratch / destination.name
        copying.copy(making, given, ask=ask, address=address, version=version)
        final = answers.own(answers.read(making / answers.FILE))
        answers.refuse_pointless((key for key, value in given.items() if value), final)
        conflicts.refuse(final)
        git(making, "init", "--quiet", "--initial-branch=main")
        for step in steps:
            step(making)
        _commit(making)
        if destination.is_dir():
            destination.rmdir()  # it is empty: seen above
        os.rename(making, destination)
    except OSError as fault:
        raise Refused(f"{destination} could not be written: {fault.strerror or fault}") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return final


def _must_be_free(destination: Path) -> None:
    if destination.is_symlink() or (destination.exists() and not destination.is_dir()):
        raise Refused(f"{destination} is there already, and is no folder: choose another name")
    if destination.is_dir() and any(destination.iterdir()):
        raise Refused(f"{destination} is not empty: choose a folder that is not there yet; `gitops-generate update` changes a repository that is")
    if not destination.parent.is_dir():
        raise Refused(f"{destination.parent} is not there: make it first")


def _commit(repository: Path) -> None:
    git(repository, "add", "--all")
    identity = [] if _known(repository) else ["-c", "user.name=gitops-generate", "-c", "user.email=gitops-generate@localhost"]
    git(repository, *identity, "commit", "--quiet", "--no-verify", "-m", "Generate the platform")


def _known(repository: Path) -> bool:
    """Whether git knows who commits here."""
    try:
        return bool(git(repository, "config", "user.email").strip() and git(repository, "config", "user.name").strip())
    except Refused:
        return False
