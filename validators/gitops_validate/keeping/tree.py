"""What an answer of the engine depended on, and whether it is still so."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitops_validate.discover import file_digest
from gitops_validate.keeping.cache import digest


class Tree:
    """The content of a checkout, by path, asked for once in a run. `digests` are those that the walk has computed already."""

    def __init__(self, root: Path, digests: Mapping[str, str]) -> None:
        self._root = root
        self._digests = digests
        self._seen: dict[tuple[str, str], str] = {}

    def state(self, trace: Mapping[str, Any]) -> str:
        """One digest for all that a trace names: the content of files, the names in folders, where links lead, what is not there."""
        parts = []
        for kind, look in (("files", self._file), ("dirs", self._listing), ("links", self._target), ("absent", self._absent)):
            for path in trace.get(kind) or ():
                key = (kind, path)
                if key not in self._seen:
                    self._seen[key] = look(path)
                parts += [kind, path, self._seen[key]]
        return digest(*parts)

    def below(self, folder: str) -> str:
        """One digest for everything in a folder."""
        prefix = "" if folder == "." else folder + "/"
        key = ("below", prefix)
        if key not in self._seen:
            inside = sorted(pair for pair in self._digests.items() if pair[0].startswith(prefix))
            self._seen[key] = digest(*(part for pair in inside for part in (pair[0].removeprefix(prefix), pair[1])))
        return self._seen[key]

    def _file(self, path: str) -> str:
        if path in self._digests:
            return self._digests[path]
        try:
            real = (self._root / path).resolve()
            return file_digest(real) if real.is_relative_to(self._root) else "outside"
        except (OSError, RuntimeError):
            return "unreadable"

    def _listing(self, path: str) -> str:
        try:
            with os.scandir(f"{self._root}/{path}") as entries:
                return digest(*sorted(f"{entry.name}/" if entry.is_dir() else entry.name for entry in entries))
        except OSError:
            return "unreadable"

    def _target(self, path: str) -> str:
        try:
            return os.readlink(f"{self._root}/{path}")
        except OSError:
            return "no link"

    def _absent(self, path: str) -> str:
        return "there" if os.path.exists(f"{self._root}/{path}") else "absent"
