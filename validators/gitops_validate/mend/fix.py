"""Repair what is certain: all files that can be, or none of one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
from msgspec import Struct

from gitops_validate.config import Engine
from gitops_validate.discover import walk_root
from gitops_validate.engine.wire import Question
from gitops_validate.errors import EngineError
from gitops_validate.mend.edit import Edit
from gitops_validate.model.encrypted import CIPHERTEXT
from gitops_validate.model.finding import Finding
from gitops_validate.rule import rules

LARGEST = 4 << 20
ENCRYPTED = (CIPHERTEXT, "\nsops:", '"sops":')
"""What stands in a file that SOPS has encrypted: any edit breaks its MAC."""


class Repair(Struct, frozen=True):
    """A file before and after, and how many findings that repairs."""

    path: str
    before: str
    after: str
    edits: int


def repairs(findings: Iterable[Finding], root: Path, engine: Engine) -> Iterator[Repair]:
    """What can be repaired for certain in the files of a checkout; nothing is written."""
    checkout, by_path = walk_root(root), _by_path(findings)
    for path, found in sorted(by_path.items()):
        text = _text(root, path) if path in checkout.digests else None
        if text is None or any(mark in f"\n{text}" for mark in ENCRYPTED):
            continue
        lines = text.split("\n")
        edits = _apart({edit for finding in found if (edit := _edit(finding, lines))})
        after = "\n".join(_edited(lines, edits))
        if edits and _as_meant(text, after, len(edits), engine):
            yield Repair(path, text, after, len(edits))


def _by_path(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    known = rules()
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.place.path and finding.rule in known and known[finding.rule].mend:
            found.setdefault(finding.place.path, []).append(finding)
    return found


def _edit(finding: Finding, lines: Sequence[str]) -> Edit | None:
    mend = rules()[finding.rule].mend
    return mend(finding, lines) if mend else None


def _text(root: Path, path: str) -> str | None:
    """A file's text. A link, a pipe, what is too large or not UTF-8 is left alone; so is a file in a folder that a link leads to."""
    file = root / path
    try:
        if file.resolve(strict=True) != root.resolve() / path:
            return None
        with open(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
            body = opened.read(LARGEST + 1)
        return body.decode() if len(body) <= LARGEST else None
    except (OSError, ValueError):
        return None


def _apart(edits: Iterable[Edit]) -> list[Edit]:
    """Those that do not touch each other's lines; the rest is for another run."""
    apart: list[Edit] = []
    for edit in sorted(edits):
        if not apart or apart[-1].end <= edit.start:
            apart.append(edit)
    return apart


def _edited(lines: Sequence[str], edits: Sequence[Edit]) -> list[str]:
    result = list(lines)
    for edit in reversed(edits):
        result[edit.start : edit.end] = edit.lines
    return result


def _as_meant(before: str, after: str, edits: int, engine: Engine) -> bool:
    """Whether the engine reads the file after its repair, and sees just as many fields change as there are edits."""
    try:
        old, new = _parsed(before, engine), _parsed(after, engine)
    except (EngineError, ValueError):
        return False
    if new is None:
        return False
    return old is None or (len(old) == len(new) and _changes(old, new) == edits)


def _parsed(text: str, engine: Engine) -> list[Any] | None:
    """The documents, None if something is wrong with them."""
    answer = engine.ask(Question("parse", {"root": "", "names": ["-"]}, (text.encode(),)))
    (file,) = answer.result["files"]
    if file.get("problems"):
        return None
    return [orjson.loads(answer.blobs[document["blob"]]) for document in file.get("documents") or ()]


def _changes(old: Any, new: Any) -> int:
    """In how many places two values differ; what is there on one side only counts once, and so does each item of a list that lost one."""
    if isinstance(old, dict) and isinstance(new, dict):
        return sum(_changes(old.get(key), new.get(key)) for key in {*old, *new})
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return sum(map(_changes, old, new))
    if isinstance(old, list) and all(each in old for each in new or ()):
        return len(old) - len(new or ())
    return int(old != new or type(old) is not type(new))
