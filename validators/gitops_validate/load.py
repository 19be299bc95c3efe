"""Parse every manifest of a checkout once, by the decoder that the API server uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.json import decode, encode
from msgspec.structs import replace

from gitops_validate.discover import Checkout
from gitops_validate.engine import Answer, Engine, Question
from gitops_validate.engine.binary import identity
from gitops_validate.errors import EngineError
from gitops_validate.keeping.cache import Cache, digest
from gitops_validate.model.identity import ObjectRef
from gitops_validate.model.manifest import SUFFIXES, FileProblem, Manifest, Repo, YamlFile

TEMPLATES = re.compile("(?:^|/)templates(?=/)")
FEW = 50
"""How many times as many files must be known for those that are not to be parsed again next time: that takes less than to write all of them."""
BATCH = 200
"""Files that one request asks for."""


def load(checkout: Checkout, engine: Engine, cache: Cache, name: str = "", beside: Repo | None = None) -> Repo:
    """Read what is YAML or JSON; templates of Helm charts, which are neither, are left out.

    A file that cannot be read becomes a YamlFile with the problem. Files that were parsed before are taken from the cache by their digest; `name`,
    or else the root, is what the cache knows the checkout by. `beside` is another state of it, whose files are taken where they are the same.
    """
    paths = sorted(_parsable(checkout))
    files = {path: beside.files[path] for path in paths if beside and _same(beside, checkout, path)}
    pack = digest(identity(), name or str(checkout.root))
    known = _recall(cache, pack) if len(files) < len(paths) else {}
    files |= {path: _revive(path, known[checkout.digests[path]]) for path in paths if path not in files and checkout.digests[path] in known}
    missing = [path for path in paths if path not in files]
    if missing:
        files |= dict(parse(checkout.root, missing, engine))
    if len(missing) * FEW > len(paths):
        written = {path for path in missing if not checkout.has(path)}  # while it was parsed
        _remember(cache, pack, {checkout.digests[path]: files[path] for path in paths if path not in written})
    for path, reason in checkout.unreadable:
        files[path] = YamlFile(path, problems=(FileProblem(path, "unreadable", reason),))
    return Repo(checkout.root, checkout.digests, {path: _relevant(file) for path, file in files.items()}, checkout.links)


def _same(beside: Repo, checkout: Checkout, path: str) -> bool:
    """Whether a file was parsed in another state of the checkout, and is what it was there."""
    file = beside.files.get(path)
    return file is not None and not file.problems and beside.digests.get(path) == checkout.digests[path]


def _relevant(file: YamlFile) -> YamlFile:
    """A JSON file that is no JSON to Kubernetes may be some other tool's."""
    return replace(file, problems=()) if file.path.endswith(".json") and file.problems else file


def _parsable(checkout: Checkout) -> Iterator[str]:
    charts = {path.rpartition("/")[0] for path in checkout.digests if path.rpartition("/")[2] == "Chart.yaml"}
    for path in checkout.digests:
        named = path.endswith(SUFFIXES) or path.rpartition("/")[2] == "Kustomization"  # a name that kustomize takes as well
        if named and not any(path[: found.start()] in charts for found in TEMPLATES.finditer(path)):
            yield path


def parse(root: Path, paths: Sequence[str], engine: Engine) -> Iterator[tuple[str, YamlFile]]:
    """Parse files of a root, in batches; a batch that brings the worker down is asked again file by file, so that one file costs only itself."""
    batches = [list(paths[start : start + BATCH]) for start in range(0, len(paths), BATCH)]
    for batch, answer in zip(batches, _ask(root, batches, engine), strict=True):
        if isinstance(answer, Answer):
            yield from entries(answer)
            continue
        singles = [[path] for path in batch]
        for (path,), single in zip(singles, _ask(root, singles, engine), strict=True):
            if isinstance(single, Answer):
                yield from entries(single)
            else:
                yield path, YamlFile(path, problems=(FileProblem(path, "engine", str(single)),))


def _ask(root: Path, batches: Sequence[Sequence[str]], engine: Engine) -> list[Answer | EngineError]:
    return engine.ask_all([Question("parse", {"root": str(root), "files": batch}) for batch in batches], seconds=30)


def entries(answer: Answer) -> Iterator[tuple[str, YamlFile]]:
    """The files of one answer, by path."""
    for file in answer.result["files"]:
        path = file["path"]
        manifests = tuple(_manifest(path, document, answer.blobs[document["blob"]]) for document in file.get("documents") or ())
        yield path, YamlFile(path, manifests, tuple(_problem(path, said) for said in file.get("problems") or ()))


def _manifest(path: str, said: Mapping[str, Any], body: bytes) -> Manifest:
    version, kind = said.get("apiVersion"), said.get("kind")
    identity = ObjectRef(version, kind, said.get("namespace") or "", said.get("name") or "") if version and kind else None
    return Manifest(path, said["index"], said["line"], body, identity)


def _problem(path: str, said: Mapping[str, Any]) -> FileProblem:
    return FileProblem(path, said["reason"], said["message"], said.get("line", 0), said.get("column", 0))


class _Document(Struct, array_like=True):
    """A document as it is kept."""

    index: int
    line: int
    raw: str
    identity: ObjectRef | None


class _File(Struct, array_like=True):
    """A file as it is kept: it may lie elsewhere now."""

    documents: list[_Document]
    problems: list[tuple[str, str, int, int]]


def _revive(path: str, kept: _File) -> YamlFile:
    manifests = (Manifest(path, each.index, each.line, each.raw.encode(), each.identity) for each in kept.documents)
    return YamlFile(path, tuple(manifests), tuple(FileProblem(path, *problem) for problem in kept.problems))


def _kept(file: YamlFile) -> _File:
    documents = [_Document(each.document, each.line, each.raw.decode(), each.identity) for each in file.manifests]
    return _File(documents, [(each.reason, each.message, each.line, each.column) for each in file.problems])


def _recall(cache: Cache, pack: str) -> dict[str, _File]:
    packed = cache.get("parse", pack)
    try:
        return decode(packed, type=dict[str, _File]) if packed else {}
    except ValueError:  # an entry that somebody else has written, or an earlier release
        return {}


def _remember(cache: Cache, pack: str, files: Mapping[str, YamlFile]) -> None:
    """Keep what was parsed; a file that brought the engine down is tried again next time."""
    kept = {key: _kept(file) for key, file in files.items() if all(problem.reason != "engine" for problem in file.problems)}
    cache.put("parse", pack, encode(kept))
