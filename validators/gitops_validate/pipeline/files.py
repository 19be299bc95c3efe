"""The files of this checkout that pipelines are made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from gitops_validate.existing.loose import dig, mapping, text
from gitops_validate.model.manifest import Manifest, Repo
from gitops_validate.model.place import At
from gitops_validate.placing.routes import Route

NAME = ".gitlab-ci.yml"
COMPONENT = re.compile(r"templates/[^/]+\.yml|templates/[^/]+/template\.yml")
MOST = 150
"""Files that a pipeline may include, as GitLab counts by default; as many pipelines are followed."""
LONGEST, STARS = 300, 6
"""Characters and stars of a path that is compared with others: more could take forever."""


class Pipeline(Struct):
    """The files that one pipeline is made of, and includes that lead nowhere; `whole` says that none of it is elsewhere."""

    files: list[str] = field(default_factory=list)
    missing: list[tuple[At, str]] = field(default_factory=list)
    triggered: list[str] = field(default_factory=list)
    whole: bool = True


def pipelines(repo: Repo) -> Iterator[Pipeline]:
    """The pipeline of the checkout, those that it triggers, and each component."""
    waiting, seen = ([NAME] if NAME in repo.files else []), set[str]()
    while waiting and len(seen) < MOST:
        first = waiting.pop(0)
        if first not in seen:
            seen.add(first)
            pipeline = _pipeline(repo, first)
            waiting += pipeline.triggered
            yield pipeline
    for path in sorted(path for path in repo.files if COMPONENT.fullmatch(path) and path not in seen):
        head = next(iter(repo.files[path].manifests), None)
        if head and head.ref is None and "spec" in mapping(head.data):
            yield _pipeline(repo, path)


def _pipeline(repo: Repo, first: str) -> Pipeline:
    found = Pipeline([first])
    for path in found.files:  # which grows
        found.whole &= not repo.files[path].problems
        for manifest in repo.files[path].manifests:
            for way, entry in _entries(("include",), mapping(manifest.data).get("include")):
                _include(repo, found, manifest.at(*way), entry)
            found.triggered += [name for entry in _triggered(manifest) for name in _named(repo, entry)]
    return found


def _include(repo: Repo, pipeline: Pipeline, at: At, entry: Any) -> None:
    """Add what an entry of `include` names of this checkout."""
    names, local = _named(repo, entry), _local(entry)
    pipeline.whole &= bool(names)
    there = local in repo.digests or local in repo.links
    if local and not there and not set("*$") & set(local) and "rules" not in mapping(entry):
        pipeline.missing.append((at, local))
    pipeline.files += [name for name in names if name not in pipeline.files][: max(0, MOST - len(pipeline.files))]


def _local(entry: Any) -> str:
    """The path of this checkout that an entry names, "" if it names something else."""
    name = entry if isinstance(entry, str) else text(mapping(entry).get("local"))
    return "" if "://" in name else name.lstrip("/")


def _named(repo: Repo, entry: Any) -> list[str]:
    """The files of this checkout that an entry means; `*` stands within a folder, `**` goes below."""
    local = _local(entry)
    if "*" not in local:
        return [local] if local in repo.files else []
    if local.count("*") > STARS or len(local) > LONGEST:
        return []
    stars = {"**": ".*", "*": "[^/]*"}
    pattern = re.compile("".join(stars.get(part, re.escape(part)) for part in re.split(r"(\*\*|\*)", local)))
    return sorted(path for path in repo.files if len(path) <= LONGEST and pattern.fullmatch(path))


def _triggered(manifest: Manifest) -> Iterator[Any]:
    """What jobs trigger of this checkout."""
    for job in mapping(manifest.data).values():
        yield from (entry for _, entry in _entries((), dig(job, "trigger", "include")))


def _entries(way: Route, listed: Any) -> Iterator[tuple[Route, Any]]:
    """An include's entries, with the way to what each names."""
    for index, entry in enumerate(listed if isinstance(listed, list) else [listed] if listed else []):
        here = (*way, index) if isinstance(listed, list) else way
        yield ((*here, "local") if "local" in mapping(entry) else here), entry
