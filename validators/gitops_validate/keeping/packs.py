"""Answers of the engine, many in a file: what a run adds is written when it ends, as making a file takes longer than most answers do.

A pack begins with the length of its index in eight bytes and a checksum of the index; then come the index (JSON, key to offset and size) and the
entries, each after a checksum of its own. A pack never changes, and its name follows from its content: those of several jobs can lie in one folder.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate, chain
from pathlib import Path
from stat import S_ISREG

from msgspec import Struct
from msgspec.json import decode, encode

from gitops_validate.keeping.whole import SUM, at_once, checksum, put

WAITING = 32 << 20
"""Bytes that wait to be written, at most."""
MANY = 16
"""Packs from which they are put together."""
ROOM = 128 << 20
"""Bytes of entries that stay when packs are put together, about: what this run has read, and then the last ones."""
SUFFIX = ".pack"
_LENGTH = 8
_LONGEST = 64 << 20
"""Bytes of an index."""
LARGEST = 256 << 20
"""Bytes of an entry: a file with a hole in it has room for more than there is memory."""
_READING = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW

Index = dict[str, tuple[int, int]]


class Pack(Struct):
    """A pack that has been opened."""

    path: str
    file: int
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
        except OSError:
            return None
        body = found[SUM:]
        return body if len(body) == size and checksum(body) == found[:SUM] else None

    def raw(self, key: str) -> bytes:
        """An entry that there is, with its checksum, whatever it is by now. Raises OSError."""
        offset, size = self.index[key]
        return os.pread(self.file, SUM + size, self.start + offset).ljust(SUM + size, b"\0")


class Packs:
    """The packs in a folder, and what this run adds to them. Without a folder nothing is kept, and where it is not `kept` nothing is added."""

    def __init__(self, folder: Path | None, *, kept: bool = True) -> None:
        self._folder, self._kept = folder, kept
        self._waiting: dict[str, bytes] = {}
        self._size = 0
        self._read: set[str] = set()
        self._packs: list[Pack] | None = None

    def get(self, key: str) -> bytes | None:
        """The entry that was put last, or None."""
        self._read.add(key)
        if key in self._waiting:
            return self._waiting[key]
        return next((body for pack in self.packs if (body := pack.get(key)) is not None), None)

    def put(self, key: str, body: bytes) -> None:
        """Add an entry, which is on disk once `write` was called."""
        if self._folder is None or not self._kept or len(body) > LARGEST:
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
                written = _write(self._folder, added, self._staying(merged, added))
                for pack in merged:
                    if pack.path != written:
                        os.unlink(pack.path)
        self.close()

    def forget(self) -> None:
        """Drop what was added and is not written."""
        self._waiting, self._size = {}, 0
        self.close()

    def _staying(self, packs: Sequence[Pack], added: Container[str]) -> dict[str, Pack]:
        """The entries of packs that stay, each with where it lies."""
        left, found = ROOM, {}
        for pack in packs:
            for key, (_, size) in pack.index.items():
                if key not in added and key not in found and (size <= left or key in self._read):
                    found[key], left = pack, left - size
        return found

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
                start, index = _LENGTH + SUM + len(head), decode(head, type=Index)
            except ValueError:
                os.close(file)
                continue
            left = status.st_size - start - SUM  # an index may lead anywhere: somebody else may have written it
            yield Pack(
                path, file, status.st_mtime_ns, start, {key: at for key, at in index.items() if min(at) >= 0 and at[1] <= LARGEST and sum(at) <= left}
            )


def _head(file: int) -> bytes:
    """The index of a pack as it is written, nothing if it is not what was written."""
    head = os.read(file, _LENGTH + SUM)
    length = int.from_bytes(head[:_LENGTH], "big")
    body = os.pread(file, length, len(head)) if 0 < length <= _LONGEST else b""
    return body if checksum(body) == head[_LENGTH:] else b""


def _write(folder: Path, added: Mapping[str, bytes], staying: Mapping[str, Pack]) -> str:
    """Write a pack of entries that are new and of such that lie in others; where it lies. Raises OSError."""
    sizes = {**{key: len(body) for key, body in added.items()}, **{key: pack.index[key][1] for key, pack in staying.items()}}
    offsets = accumulate((SUM + size for size in sizes.values()), initial=0)
    head = encode({key: (offset, size) for (key, size), offset in zip(sizes.items(), offsets, strict=False)})
    sums = [checksum(body) for body in added.values()]
    path = folder / f"{checksum(b''.join([head, *sums])).hex()}{SUFFIX}"
    new = chain.from_iterable(zip(sums, added.values(), strict=True))
    put(path, chain([len(head).to_bytes(_LENGTH, "big"), checksum(head), head], new, (pack.raw(key) for key, pack in staying.items())))
    return str(path)
