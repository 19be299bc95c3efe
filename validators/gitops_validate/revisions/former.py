"""Where a change starts, and what its commits held: asked of git, which is told nothing by the checkout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from hashlib import sha1, sha256
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from gitops_validate.model.manifest import SUFFIXES
from gitops_validate.revisions import git

COMMITS, BLOBS = 1000, 5000
"""Commits of a change, and different contents of files in them, that are looked into."""
LARGEST, MOST = 1 << 20, 128 << 20
"""Bytes of one content, and of all of them."""
_ENTRY = re.compile(rb"\d{6} blob ([0-9a-f]{40,64})\t(.+)", re.DOTALL)
_CHANGE = re.compile(rb":\d{6} (?P<mode>\d{6}) [0-9a-f]+ (?P<blob>[0-9a-f]{40,64}) [AMT]")
_TOO_MANY = "the change has too many commits or files: look through its history by other means"


class Content(NamedTuple):
    """What a commit wrote into a file."""

    commit: str
    path: str
    body: bytes


class Former(Struct, frozen=True, dict=True):
    """The commit that a change starts from, in a repository, and the last of the change, if it is in the checkout's own.

    `root` is the folder of the checkout, or a repository that the first commit was fetched into, in which case there is no `tip`, and `commit` may name
    the folder of it that the checkout is.
    """

    root: Path
    commit: str
    tip: str = "HEAD"

    def changed(self, root: Path, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The files among `paths`, below `root`, that were there before with another content, each with that."""
        found = {path: blob for path in paths if (blob := self._blobs.get(path)) and _identity(root / path, len(blob)) != blob}
        contents = self._contents(found.values())
        yield from ((path, contents[blob]) for path, blob in found.items() if blob in contents)

    def written(self) -> tuple[list[Content], str]:
        """Every content that a commit of the change wrote, but those that were there before; and why some may be missing, "" if none are."""
        if not self.tip:
            return [], ""
        listed = git.ask(self.root, *_LOG, f"--max-count={COMMITS + 1}", f"{self.commit}..{self.tip}", "--")
        if listed is None:
            return [], "the commits of the change are not all in this clone: fetch its history (GIT_DEPTH: 0)"
        found = list(_changes(listed, frozenset(self._blobs.values())))
        bodies = self._contents([blob for _, _, blob in found[:BLOBS]])
        gap = _TOO_MANY if len(found) > BLOBS or listed.count(_COMMIT) > COMMITS else ""
        return [Content(commit, path, bodies[blob]) for commit, path, blob in found[:BLOBS] if blob in bodies], gap

    def holding(self, words: Iterable[str]) -> list[bytes]:
        """The YAML and JSON files, as they were where the change starts, that hold one of these words; without those that are too large."""
        wanted = (argument for word in words for argument in ("-e", word))
        listed = git.ask(self.root, *_GREP, *wanted, self.commit, "--", *(f"*{suffix}" for suffix in SUFFIXES)) or b""
        paths = (found.removeprefix(f"{self.commit}:".encode()).decode("utf-8", "surrogateescape") for found in listed.split(b"\0"))
        return list(self._contents([self._blobs[path] for path in paths if path in self._blobs][:BLOBS]).values())

    @cached_property
    def _blobs(self) -> Mapping[str, str]:
        """The content of each file where the change starts."""
        listed = git.ask(self.root, "ls-tree", "-r", "-z", self.commit) or b""
        found = (_ENTRY.fullmatch(entry) for entry in listed.split(b"\0"))
        return {each[2].decode("utf-8", "surrogateescape"): each[1].decode() for each in found if each}

    def _contents(self, blobs: Iterable[str]) -> dict[str, bytes]:
        """What blobs hold; without those that are too large."""
        wanted = list(dict.fromkeys(blobs))
        sizes = git.feed(self.root, "\n".join(wanted).encode(), "cat-file", "--batch-check=%(objectname) %(objectsize)") or b"" if wanted else b""
        left, small = MOST, []
        for name, size in (line.split() for line in sizes.decode().splitlines() if not line.endswith("missing")):
            left -= int(size) if int(size) <= LARGEST else 0
            if int(size) <= LARGEST and left >= 0:
                small.append(name)
        return dict(_batch(git.feed(self.root, "\n".join(small).encode(), "cat-file", "--batch") or b"")) if small else {}


_GREP = ("grep", "--files-with-matches", "-z", "--text", "--fixed-strings", "--no-textconv", "--no-recurse-submodules")
_COMMIT = b"\x01"
_LOG = ("log", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-textconv", "--no-ext-diff", "--relative", "--reverse", "--format=%x01%H")


def _changes(listed: bytes, known: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """Commit, path and content of what `git log --raw -z` lists; each content once, where it came first."""
    seen, commit = set(known), ""
    fields = iter(listed.split(b"\0"))
    for text in fields:
        if _COMMIT in text:
            commit = text.rpartition(_COMMIT)[2].decode("ascii", "replace").strip()
            continue
        found = _CHANGE.fullmatch(text.strip())
        path = next(fields, b"") if text.strip().startswith(b":") else b""
        if found and found["mode"].startswith(b"100") and (blob := found["blob"].decode()) not in seen:
            seen.add(blob)
            yield commit, path.decode("utf-8", "surrogateescape"), blob


def _batch(answer: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and contents out of what `git cat-file --batch` prints."""
    start = 0
    while start < len(answer):
        end = answer.index(b"\n", start)
        name, _, size = answer[start:end].decode().split()
        yield name, answer[end + 1 : end + 1 + int(size)]
        start = end + 2 + int(size)


def _identity(path: Path, length: int) -> str:
    """What git would call a file's content, by names of that length."""
    body = path.read_bytes()
    return (sha1 if length == 40 else sha256)(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()
