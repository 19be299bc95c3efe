"""Encrypted files of others, broken in one place each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gitops_validate.engine import Engine, Question

VALUE = re.compile(r"ENC\[AES256_GCM,data:(?P<data>[^,]*),iv:(?P<iv>[^,]*),tag:(?P<tag>[^,]*),type:(?P<type>(?!comment)\w+)\]")
MAC = re.compile(r'^(\s*"?(?:sops_)?mac"?\s*[:=]\s*"?)ENC\[[^\]]*\]', re.MULTILINE)
DATE = re.compile(r"""(lastmodified"?\s*[:=]\s*["']?)[0-9TZ:.+-]+""")


class Break(NamedTuple):
    """What is done to a file, and what is said of it then: a reason of the engine, or words about a value."""

    change: Callable[[str], str]
    said: str


def _first(group: str, text: str) -> Callable[[str], str]:
    """Puts something in place of a part of the first value."""

    def change(body: str) -> str:
        found = VALUE.search(body)
        assert found is not None
        start, end = found.span(group)
        return body[:start] + text + body[end:]

    return change


def _flipped(body: str) -> str:
    """The first value with one bit of its ciphertext changed."""
    found = VALUE.search(body)
    assert found is not None
    at = found.start("data")
    return body[:at] + ("A" if body[at] != "A" else "Q") + body[at + 1 :]


def _copied(body: str) -> str:
    """The first value as a copy of the MAC, nonce and all."""
    first, *_, last = VALUE.finditer(body)
    return body[: first.start()] + last.group() + body[first.end() :]


WITHOUT_KEY = {
    "no MAC": Break(lambda body: MAC.sub(r"\1", body, count=1), "no-mac"),
    "a MAC that is none": Break(lambda body: MAC.sub(r"\1mac", body, count=1), "mac-malformed"),
    "a date that is none": Break(lambda body: DATE.sub(r"\1yesterday", body, count=1), "bad-lastmodified"),
    "a short nonce": Break(_first("iv", "AAAA"), "its iv has 3 bytes, not 32"),
    "a short tag": Break(_first("tag", "AAAA"), "its tag has 3 bytes, not 16"),
    "ciphertext that is no base64": Break(_first("data", "@"), "its data is not base64"),
    "a type of nobody": Break(_first("type", "text"), "its type is unknown"),
    "plain text": Break(lambda body: VALUE.sub("hunter2", body, count=1), "plain"),
    "a copied nonce": Break(_copied, "nonce-reuse"),
}
WITH_KEY = {
    "another ciphertext": Break(_flipped, "value-altered"),
    "another date": Break(lambda body: DATE.sub(r"\g<1>2001-01-01T00:00:00Z", body, count=1), "mac-altered"),
}


def inspected(engine: Engine, path: str, body: bytes) -> Iterator[str]:
    """What the engine says of a file without a key: reasons, faults of values, and `plain` for a value that should be encrypted."""
    found: dict[str, Any] = engine.ask(Question("inspect", {"root": "", "path": path}, (body,))).result
    yield from (problem["reason"] for problem in found["problems"])
    for leaf in found["leaves"]:
        if leaf.get("fault") or (leaf["state"] == "plain" and leaf["selected"]) or (leaf["state"] == "encrypted" and not leaf["selected"]):
            yield leaf.get("fault") or leaf["state"]


def verified(engine: Engine, path: str, body: bytes, keys: bytes) -> tuple[str, list[str]]:
    """What the engine says of a file with keys: of its MAC, and reasons."""
    found: dict[str, Any] = engine.ask(Question("verify", {"root": "", "path": path}, (body, keys))).result
    return found["mac"], [problem["reason"] for problem in found["problems"]]


def files(root: Path, *folders: str) -> list[Path]:
    """The encrypted files below folders."""
    every = (path for folder in folders for path in sorted((root / folder).rglob("*") if (root / folder).is_dir() else [root / folder]))
    return [
        path for path in every if path.is_file() and path.suffix not in (".go", ".rs", ".md", ".rst") and b"ENC[AES256_GCM,data:" in path.read_bytes()
    ]
