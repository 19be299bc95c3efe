"""A change is made in a copy first, and arrives in the repository whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from gitops_generate.git import clean_root, git


@dataclass(frozen=True)
class Change:
    """What an action would do to a committed repository."""

    patch: bytes  # as `git apply` takes it
    files: tuple[str, ...]  # `A path`, `M path` or `D path`, sorted by path
    conflicts: tuple[str, ...]  # files that hold both sides of a conflict

    @property
    def going(self) -> tuple[str, ...]:
        """The paths of files that are removed."""
        return tuple(path for status, _, path in (file.partition(" ") for file in self.files) if status == "D")

    def text(self) -> str:
        """The difference, for people."""
        return self.patch.decode("utf-8", errors="replace")


def rehearse(repository: Path, action: Callable[[Path], None]) -> Change:
    """Do something to a copy of a repository, and say what that changed. Raises Refused where something is not committed, and what the action raises."""
    root = clean_root(repository)
    with TemporaryDirectory(prefix="gitops-generate.") as scratch:
        copy = Path(scratch) / root.name
        git(root, "clone", "--quiet", "--no-hardlinks", "--no-tags", str(root), str(copy))
        action(copy)
        git(copy, "add", "--all", "--force")
        patch = git(copy, "diff", "--cached", "--binary", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "HEAD")
        names = git(copy, "diff", "--cached", "--name-status", "--no-renames", "-z", "HEAD").decode(errors="surrogateescape").split("\0")
        files = tuple(f"{status} {path}" for status, path in zip(names[::2], names[1::2], strict=False))
        conflicts = tuple(path for path in names[1::2] if _conflicted(copy / path))
    return Change(patch, files, conflicts)


def apply(repository: Path, change: Change) -> None:
    """Let a change arrive; git looks at all of it before it writes any of it. Raises Refused."""
    if change.patch:
        git(repository, "apply", "--whitespace=nowarn", "-", feed=change.patch)


def _conflicted(file: Path) -> bool:
    try:
        lines = file.read_bytes().splitlines()
    except OSError:  # it is gone
        return False
    return any(line.startswith(b"<<<<<<< ") for line in lines) and any(line.startswith(b">>>>>>> ") for line in lines)
