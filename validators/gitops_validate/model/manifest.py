"""Objects as written, and the checkout that they are written in."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
from msgspec import Struct, field

from gitops_validate.model.identity import ObjectRef
from gitops_validate.model.place import At
from gitops_validate.model.record import Veiled
from gitops_validate.placing.routes import strings

SUFFIXES = (".yaml", ".yml", ".json")
"""What files of manifests end with."""


class FileProblem(Struct, frozen=True):
    """What stops a file, or a document of it, from being read; reasons are those of the engine's parse."""

    path: str
    reason: str
    message: str
    line: int = 0
    column: int = 0


class Manifest(Veiled, Struct, frozen=True, dict=True):
    """One document of a YAML or JSON file, whether Kubernetes knows it or not."""

    path: str
    document: int
    line: int
    raw: bytes
    identity: ObjectRef | None = None
    """What the engine read of the identity, if it has been asked; saves parsing the document."""

    @cached_property
    def data(self) -> Any:
        """The document as JSON values."""
        return orjson.loads(self.raw)

    @cached_property
    def ref(self) -> ObjectRef | None:
        """The identity, or None when the document is not a Kubernetes object."""
        if self.identity:
            return self.identity
        match self.data:
            case {"apiVersion": str(version), "kind": str(kind)}:
                metadata = self.data.get("metadata")
                names = metadata if isinstance(metadata, dict) else {}
                return ObjectRef(version, kind, str(names.get("namespace") or ""), str(names.get("name") or ""))
        return None

    @cached_property
    def leads_to(self) -> tuple[str, ...]:
        """Where its strings lead, if they are paths, or keys and paths, beside its file."""
        folder = posixpath.dirname(self.path)
        return tuple(posixpath.normpath(posixpath.join(folder, text.rpartition("=")[2])) for text in strings(self.data) if "\n" not in text)

    def at(self, *route: str | int, value: bool = False) -> At:
        """A route into this document."""
        return At(self.path, self.document, route, value)


class YamlFile(Struct, frozen=True, dict=True):
    """One YAML or JSON file: its documents, and what could not be read of it."""

    path: str
    manifests: tuple[Manifest, ...] = ()
    problems: tuple[FileProblem, ...] = ()

    @cached_property
    def by_document(self) -> Mapping[int, Manifest]:
        """The documents by their index in the file."""
        return {manifest.document: manifest for manifest in self.manifests}


class Repo(Veiled, Struct, frozen=True, dict=True):
    """A checkout: every file by its digest, and the parsed ones by path. Paths are relative to `root`, with slashes."""

    root: Path
    digests: Mapping[str, str]
    files: Mapping[str, YamlFile]
    links: Mapping[str, str] = field(default_factory=dict)
    """Symbolic links and what they point to, as written."""

    @cached_property
    def manifests(self) -> tuple[Manifest, ...]:
        """All documents of all files, in the order of their paths."""
        return tuple(manifest for path in self.paths for manifest in self.files[path].manifests)

    @cached_property
    def paths(self) -> Sequence[str]:
        """Those of the parsed files, sorted."""
        return sorted(self.files)

    def below(self, folder: str) -> Sequence[str]:
        """The paths of the parsed files in a folder and in those in it, sorted."""
        if folder == ".":
            return self.paths
        return self.paths[bisect_left(self.paths, f"{folder}/") : bisect_left(self.paths, f"{folder}0")]  # 0 comes after the slash

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that a file lies in, the root as "." too."""
        found = {"."}
        for path in self.digests:
            while (path := posixpath.dirname(path)) and path not in found:
                found.add(path)
        return frozenset(found)

    def at(self, path: str, document: int) -> Manifest | None:
        """The document with that index in that file, if it could be read."""
        file = self.files.get(path)
        return file.by_document.get(document) if file else None
