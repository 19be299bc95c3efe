"""Parse every manifest of a checkout once, by the decoder that the API server uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import orjson

from gitops_validate.cache import Cache, digest
from gitops_validate.discover import Checkout
from gitops_validate.engine import Answer, Engine, Question
from gitops_validate.engine.binary import identity
from gitops_validate.errors import EngineError
from gitops_validate.model.manifest import FileProblem, Manifest, Repo, YamlFile

SUFFIXES = (".yaml", ".yml", ".json")
BATCH = 200
"""Files that one request asks for."""


def load(checkout: Checkout, engine: Engine, cache: Cache) -> Repo:
    """Read what is YAML or JSON; templates of Helm charts, which are neither, are left out.

    A file that cannot be read becomes a YamlFile with the problem. Files that were parsed before are taken from the cache by their digest.
    """
    paths = sorted(_parsable(checkout))
    known = _recall(cache, checkout)
    files = {path: _revive(path, known[checkout.digests[path]]) for path in paths if checkout.digests[path] in known}
    missing = [path for path in paths if path not in files]
    if missing:
        fresh = dict(_parse(checkout, missing, engine))
        files |= {path: _revive(path, entry) for path, entry in fresh.items()}
        entries = {checkout.digests[path]: fresh[path] if path in fresh else known[checkout.digests[path]] for path in paths}
        _remember(cache, checkout, entries)
    for path, reason in checkout.unreadable:
        files[path] = YamlFile(path, problems=(FileProblem(path, "unreadable", reason),))
    return Repo(checkout.root, checkout.digests, files, checkout.links)


def _parsable(checkout: Checkout) -> Iterator[str]:
    charts = {str(PurePosixPath(path).parent) for path in checkout.digests if path.rpartition("/")[2] == "Chart.yaml"}
    for path in checkout.digests:
        if path.endswith(SUFFIXES) and not any(_is_template(charts, parent) for parent in PurePosixPath(path).parents):
            yield path


def _is_template(charts: set[str], folder: PurePosixPath) -> bool:
    return folder.name == "templates" and str(folder.parent) in charts


def _parse(checkout: Checkout, paths: Sequence[str], engine: Engine) -> Iterator[tuple[str, dict[str, Any]]]:
    """Ask in batches; a batch that brings the worker down is asked again file by file, so that one file costs only itself."""
    batches = [list(paths[start : start + BATCH]) for start in range(0, len(paths), BATCH)]
    for batch, answer in zip(batches, _ask(checkout, batches, engine), strict=True):
        if isinstance(answer, Answer):
            yield from _entries(answer)
            continue
        singles = [[path] for path in batch]
        for (path,), single in zip(singles, _ask(checkout, singles, engine), strict=True):
            if isinstance(single, Answer):
                yield from _entries(single)
            else:
                yield path, {"problems": [{"reason": "engine", "message": str(single)}]}


def _ask(checkout: Checkout, batches: Sequence[Sequence[str]], engine: Engine) -> list[Answer | EngineError]:
    return engine.ask_all(
        [Question("parse", {"root": str(checkout.root), "files": batch}) for batch in batches],
        seconds=30,
    )


def _entries(answer: Answer) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in answer.result["files"]:
        documents = [
            [
                document["index"],
                document["line"],
                answer.blobs[document["blob"]].decode(),
            ]
            for document in file.get("documents") or ()
        ]
        yield (
            file["path"],
            {"documents": documents, "problems": file.get("problems") or []},
        )


def _revive(path: str, entry: Mapping[str, Any]) -> YamlFile:
    manifests = tuple(Manifest(path, index, line, raw.encode()) for index, line, raw in entry.get("documents") or ())
    problems = tuple(
        FileProblem(
            path,
            problem["reason"],
            problem["message"],
            problem.get("line", 0),
            problem.get("column", 0),
        )
        for problem in entry["problems"]
    )
    return YamlFile(path, manifests, () if path.endswith(".json") else problems)


def _pack(checkout: Checkout) -> str:
    return digest(identity(), str(checkout.root))


def _recall(cache: Cache, checkout: Checkout) -> dict[str, dict[str, Any]]:
    packed = cache.get("parse", _pack(checkout))
    try:
        entries: dict[str, dict[str, Any]] = orjson.loads(packed) if packed else {}
    except ValueError:
        return {}
    return entries


def _remember(cache: Cache, checkout: Checkout, entries: Mapping[str, Any]) -> None:
    kept = {key: entry for key, entry in entries.items() if all(problem["reason"] != "engine" for problem in entry["problems"])}
    cache.put("parse", _pack(checkout), orjson.dumps(kept))
