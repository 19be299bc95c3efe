"""Policies in Rego that the repository holds, asked about every object that is rendered, as conftest would be."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gitops_validate.content import LARGEST, UNREAD
from gitops_validate.engine import Answer, Question
from gitops_validate.errors import EngineError
from gitops_validate.keeping.ask import Asker, Keyed
from gitops_validate.keeping.cache import digest
from gitops_validate.model.finding import Incomplete
from gitops_validate.model.manifest import Repo
from gitops_validate.model.render import Rendered, RenderedObject, Said
from gitops_validate.placing.patch import Ask

FOLDER = "policy/"
MOST = 500
"""Files of policies that are read."""


class BrokenRego(Struct, frozen=True):
    """Why policies cannot be asked: a file of theirs, and what OPA says of it."""

    path: str
    line: int
    column: int
    message: str


def files(repo: Repo) -> list[str]:
    """The files of policies, without their tests."""
    return sorted(path for path in filter(_is_policy, repo.digests) if not repo.digests[path].startswith(UNREAD))[:MOST]


def unasked(repo: Repo) -> Iterator[BrokenRego]:
    """The files of policies that are not read, so that nobody takes them for satisfied."""
    for path in sorted(repo.links):
        if (_is_policy(path) or f"{path}/" == FOLDER) and Path(os.path.realpath(repo.root / path)).is_relative_to(
            repo.root
        ):  # outside-link tells others
            yield BrokenRego(path, 0, 0, "this is a link, which is not followed")
    known = frozenset(files(repo))
    for path in sorted(path for path in filter(_is_policy, repo.digests) if path not in known):
        odd = repo.digests[path].startswith(UNREAD)
        yield BrokenRego(path, 0, 0, "this is no plain file of at most 1 MiB" if odd else f"only {MOST} files are read")


def _is_policy(path: str) -> bool:
    return path.startswith(FOLDER) and path.endswith(".rego") and not path.endswith("_test.rego")


def identity(repo: Repo) -> str:
    """What changes whenever a policy does."""
    return digest(*(part for path in files(repo) for part in (path, repo.digests[path])))


def broken(repo: Repo, ask: Ask) -> Iterator[BrokenRego]:
    """What is wrong with the policies themselves."""
    yield from unasked(repo)
    policies = _policies(repo)
    if not policies:
        return
    (answer,) = ask([Keyed.of(_question(policies, ()))])
    for found in answer.result["failures"] if isinstance(answer, Answer) else ():
        yield BrokenRego(found.get("path") or FOLDER, found.get("line") or 0, found.get("column") or 0, str(found["message"]))


def judge_by_rego(repo: Repo, rendered: Sequence[Rendered], asker: Asker) -> tuple[Rendered, ...]:
    """Each environment with what policies have against its objects. An encrypted one is not asked about: it is another in the cluster."""
    policies = _policies(repo)
    if not policies:
        return tuple(rendered)
    listed = [[thing for thing in each.objects if not thing.encrypted] for each in rendered]
    answers = asker.ask([Keyed.of(_question(policies, things)) for things in listed])
    return tuple(_judged(each, things, answer) for each, things, answer in zip(rendered, listed, answers, strict=True))


def _judged(rendered: Rendered, things: Sequence[RenderedObject], answer: Answer | EngineError) -> Rendered:
    unknown = str(answer) if isinstance(answer, EngineError) else answer.result.get("unknown")
    gaps = (Incomplete("engine", FOLDER, f"policies in Rego could not be asked: {unknown}", FOLDER, rendered.environment.name),) if unknown else ()
    lists = answer.result.get("objects") or () if isinstance(answer, Answer) else ()
    said = tuple(Said(thing, **each) for thing, found in zip(things, lists, strict=False) for each in found or ())
    return replace(rendered, rego=said, gaps=(*rendered.gaps, *gaps))


def _policies(repo: Repo) -> dict[str, bytes]:
    """The texts of the policies; one that has gone since the checkout was walked is none."""
    found = {}
    for path in files(repo):
        try:
            with (repo.root / path).open("rb") as file:
                found[path] = file.read(LARGEST + 1)
        except OSError:
            continue
    return found


def _question(policies: dict[str, bytes], things: Sequence[RenderedObject]) -> Question:
    return Question("rego", {"files": list(policies)}, [*policies.values(), *(thing.raw for thing in things)])
