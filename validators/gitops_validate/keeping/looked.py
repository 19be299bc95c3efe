"""A checkout that remembers what was looked up in it, so that what came of it can be kept for as long as that stays the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from gitops_validate.keeping.cache import digest
from gitops_validate.model.manifest import Repo

Value = TypeVar("Value")


class Looks(Struct):
    """The paths that were asked for, found or not, and whether somebody went through all of them."""

    paths: set[str] = field(default_factory=set)
    everything: bool = False

    def over(self, repo: Repo) -> Repo:
        """The same checkout, whose use is noted here."""
        return replace(repo, digests=_Noted(repo.digests, self), files=_Noted(repo.files, self), links=_Noted(repo.links, self))


def state(repo: Repo, path: str) -> str:
    """What a look at a path depends on: its content, or why it cannot be read, whether it is parsed, and where it leads if it is a link."""
    file = repo.files.get(path)
    unread = repr(file.problems) if file and path not in repo.digests else ""
    return digest(repo.digests.get(path, "-"), "parsed" if file else "", unread, repo.links.get(path, "-"))


class _Noted(Mapping[str, Value]):
    def __init__(self, known: Mapping[str, Value], looks: Looks) -> None:
        self._known, self._looks = known, looks

    def __getitem__(self, path: str) -> Value:
        self._looks.paths.add(path)
        return self._known[path]

    def __iter__(self) -> Iterator[str]:
        self._looks.everything = True
        return iter(self._known)

    def __len__(self) -> int:
        self._looks.everything = True
        return len(self._known)
