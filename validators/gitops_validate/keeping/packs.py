"""Answers of the engine, many in a file: what a run adds is written when it ends, as making a file takes longer than most answers do.

A pack begins with the length of its index in eight bytes and a checksum of the index; then come the index (JSON, key to offset and size) and the
entries, each after a checksum of its own. A pack never changes, and its name follows from its content: those of several jobs can lie in one folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from stat import S_ISREG

from msgspec import Struct
from msgspec.json import decode, encode

from gitops_validate.keeping.whole import SUM, at_once, checksum, put

WAITING = 32 << 20
"""Bytes that wait to be written, at most."""
MANY = 16
"""Packs from which they are put together."""
ROOM = 256 << 20
"""Bytes that packs take, about: the oldest go when others are put together."""
SUFFIX = ".pack"
_LENGTH = 8
_LONGEST = 64 << 20
"""Bytes of an index."""
_READING = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW

Index = dict[str, tuple[int, int]]


class Pack(Struct):
    """A pack that has been opened."""

    path: str
    file: int
    size: int
    written: int
    """When, in nanoseconds."""
    start: int
    """Where the entries begin."""
    index: Index

    def get(self, key: str) -> bytes | None:
        """An entry; None if there is none, or if it is not what was written."""
        if key not in self.index:
            return None
        offset, size = self.index[key]
        try:
            found = os.pread(self.file, SUM + size, self.start + offset)
        except (OSError, ValueError, OverflowError):  # an index that somebody else has written
            return None
        body = found[SUM:]
        return body if len(body) == size and checksum(body) == found[:SUM] else None


class Packs:
    """The packs in a folder, and what this run adds to them. Without a folder nothing is kept, and where it is not `kept` nothing is added."""

    def __init__(self, folder: Path | None, *, kept: bool = True) -> None:
        self._folder, self._kept = folder, kept
        self._waiting: dict[str, bytes] = {}
        self._size = 0
        self._packs: list[Pack] | None = None

    def get(self, key: str) -> bytes | None:
        """The entry that was put last, or None."""
        if key in self._waiting:
            return self._waiting[key]
        return next((body for pack in self.packs if (body := pack.get(key)) is not None), None)

    def put(self, key: str, body: bytes) -> None:
        """Add an entry, which is on disk once `write` was called."""
        if self._folder is None or not self._kept:
            return
        self._waiting[key] = body
        self._size += len(body)
        if self._size > WAITING:
            self.write()

    def write(self) -> None:
        """Write what was added: as one pack, whole or not at all, readable by its owner only. A full or read-only disk costs nothing but that."""
        added, self._waiting, self._size = self._waiting, {}, 0
        if self._folder and added:
            with suppress(OSError):
                merged = self.packs if len(self.packs) >= MANY else []
                old = {key: body for pack in reversed(_fitting(merged)) for key in pack.index if (body := pack.get(key)) is not None}
                written = _write(self._folder, old | added)
                for pack in merged:
                    if pack.path != written:
                        os.unlink(pack.path)
        self.close()

    def __len__(self) -> int:
        """How many entries lie on disk."""
        return len({key for pack in self.packs for key in pack.index})

    def close(self) -> None:
        """Let go of the files; they are opened again when they are asked."""
        for pack in self._packs or ():
            os.close(pack.file)
        self._packs = None

    @property
    def packs(self) -> list[Pack]:
        """What lies on disk, the last first."""
        if self._packs is None:
            self._packs = sorted(_opened(self._folder), key=lambda pack: -pack.written) if self._folder else []
        return self._packs


def _opened(folder: Path) -> Iterator[Pack]:
    try:
        names = [name for name in os.listdir(folder) if name.endswith(SUFFIX)]
    except OSError:
        return
    for name in names:
        path = f"{folder}/{name}"
        with suppress(OSError):
            file = at_once(path, _READING)
            status = os.fstat(file)
            head = _head(file) if S_ISREG(status.st_mode) else b""
            try:
                yield Pack(path, file, status.st_size, status.st_mtime_ns, _LENGTH + SUM + len(head), decode(head, type=Index))
            except ValueError:
                os.close(file)


def _head(file: int) -> bytes:
    """The index of a pack as it is written, nothing if it is not what was written."""
    head = os.read(file, _LENGTH + SUM)
    length = int.from_bytes(head[:_LENGTH], "big")
    body = os.pread(file, length, len(head)) if 0 < length <= _LONGEST else b""
    return body if checksum(body) == head[_LENGTH:] else b""


def _fitting(packs: list[Pack]) -> list[Pack]:
    """The last ones of packs, as many as there is room for beside others."""
    left, found = ROOM // 2, []
    for pack in packs:
        left -= pack.size
        if left >= 0:
            found.append(pack)
    return found


def _write(folder: Path, entries: dict[str, bytes]) -> str:
    """Write a pack; where it lies. Raises OSError."""
    index: Index = {}
    end = 0
    for key, body in entries.items():
        index[key] = (end, len(body))
        end += SUM + len(body)
    head = encode(index)
    sums = [checksum(body) for body in entries.values()]
    path = folder / f"{checksum(b''.join([head, *sums])).hex()}{SUFFIX}"
    put(path, [len(head).to_bytes(_LENGTH, "big"), checksum(head), head, *chain.from_iterable(zip(sums, entries.values(), strict=True))])
    return str(path)
