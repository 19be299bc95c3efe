"""Files of a repository that somebody else may have written: read behind the engine's limits, with lines for what is wrong in them."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from gitops_generate.errors import Refused
from gitops_validate.config import Engine, locate
from gitops_validate.engine import Question
from gitops_validate.model.place import pointer

LARGEST = 5 << 20
"""Bytes: no file of this kind needs more."""


def content(root: Path, path: str) -> bytes | None:
    """The file's content; None if there is none. No link is followed, nor a pipe waited for. Raises Refused."""
    follows_no_link(root, path)
    try:
        descriptor = os.open(root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as fault:
        raise Refused(f"{path} cannot be read: {fault.strerror}") from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Refused(f"{path} cannot be read: it must be a plain file")
        body = file.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise Refused(f"{path} is larger than 5 MiB: nothing that belongs there is")
    return body


def follows_no_link(root: Path, path: str) -> None:
    """Raises Refused where a part of the path is a symlink, which may lead out of the repository."""
    place = root
    for part in Path(path).parts:
        place /= part
        if place.is_symlink():
            raise Refused(f"{place.relative_to(root)} is a link, and links are not followed here: put a plain file or folder in its place")


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds, and where."""

    path: str
    data: Any
    text: bytes
    engine: Engine

    def place(self, *route: str | int) -> str:
        """`path:line` of a field, of what is nearest to it if it is not there."""
        line = locate(self.text, self.engine, [pointer(route)])[0].get("line")
        return f"{self.path}:{line}" if line else self.path

    def refuse(self, message: str, *route: str | int) -> Refused:
        """What to raise for a fault at a field."""
        return Refused(f"{self.place(*route)}: {message}")


def parse(path: str, text: bytes, engine: Engine) -> Document:
    """Read the one YAML document of a file; None as data if it has none. Raises Refused."""
    answer = engine.ask(Question("parse", {"root": "", "names": [path]}, (text,)))
    file = answer.result["files"][0]
    problems: Sequence[dict[str, Any]] = file.get("problems") or ()
    for problem in problems:
        words = "this is not YAML: " if problem["reason"] == "yaml-syntax" else ""
        raise Refused(f"{path}:{problem.get('line') or 1}: {words}{problem['message']}")
    documents = file.get("documents") or []
    if len(documents) > 1:
        raise Refused(f"{path}:{documents[1]['line']}: this file is one document; remove what follows the second `---`")
    return Document(path, orjson.loads(answer.blobs[documents[0]["blob"]]) if documents else None, text, engine)
