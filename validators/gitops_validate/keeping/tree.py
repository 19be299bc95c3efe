"""What an answer of the engine depended on, and whether it is still so."""

from __future__ import annotations

import os
from collections import defaultdict
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
        self._below: dict[str, str] = {}
        self._seen: dict[str, dict[str, str]] = defaultdict(dict)
        self._looks = {"files": self._file, "dirs": self._listing, "links": self._target, "absent": self._absent}

    def state(self, trace: Mapping[str, Any]) -> str:
        """One digest for all that a trace names: the content of files, the names in folders, where links lead, what is not there."""
        return digest(*(part for kind in self._looks for part in self._said(kind, trace)))

    def agrees(self, other: Tree, trace: Mapping[str, Any]) -> bool:
        """Whether all that a trace names is the same in another state of the checkout."""
        return all(self._said(kind, trace) == other._said(kind, trace) for kind in self._looks)

    def below(self, folder: str) -> str:
        """One digest for everything in a folder."""
        prefix = "" if folder == "." else folder + "/"
        if prefix not in self._below:
            inside = sorted(pair for pair in self._digests.items() if pair[0].startswith(prefix))
            self._below[prefix] = digest(*(part for pair in inside for part in (pair[0].removeprefix(prefix), pair[1])))
        return self._below[prefix]

    def _said(self, kind: str, trace: Mapping[str, Any]) -> tuple[str, str]:
        """The paths of one kind that a trace names, and what is there: thousands, so that they are joined rather than gone through."""
        paths, seen = trace.get(kind) or (), self._seen[kind]
        for path in paths:
            if path not in seen:
                seen[path] = self._looks[kind](path)
        return "\0".join(paths), "\0".join(map(seen.__getitem__, paths))

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
