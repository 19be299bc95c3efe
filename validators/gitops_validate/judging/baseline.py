"""The baseline: the findings of one day, which later checks pass over. What is new speaks, and what is gone is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import orjson
from msgspec.structs import replace

from gitops_validate.config import Engine, check, document, locate, plain_file
from gitops_validate.errors import UsageError
from gitops_validate.model.finding import BASELINE, Finding
from gitops_validate.model.waiver import BaselineEntry

NAME = ".gitops-validate-baseline.yaml"
LARGEST = 16 << 20
"""Bytes that a baseline may have: some 50,000 findings."""
HEAD = """\
# What `gitops-validate check --write-baseline` found when it wrote this file. Later checks pass over these findings and tell new ones.
version: 1
findings:"""
Entries = tuple[BaselineEntry, ...]


def load(root: Path, engine: Engine, before: Callable[[str], bytes] | None = None) -> Entries:
    """The entries of a checkout's baseline, none without one. Raises UsageError that names the line.

    `before` gives, in a merge request, the files of the base commit: an entry is believed only if it stood there already.
    """
    own = parse(plain_file(root / NAME, LARGEST), engine)
    if before is None:
        return own
    trusted = {entry.fingerprint for entry in parse(before(NAME), engine)} if own else set()
    return tuple(replace(entry, believed=entry.fingerprint in trusted) for entry in own)


def parse(text: bytes, engine: Engine) -> Entries:
    """Read a baseline. Raises UsageError."""
    if len(text) > LARGEST:
        raise UsageError(f"{NAME} is larger than 16 MiB: repair some of what it lists, and write it again with `check --write-baseline`")
    data = document(text, engine, NAME) if text else None
    if data is None:
        return ()
    from gitops_validate.faults import BASELINE as FORM  # noqa: PLC0415 - jsonschema takes 0.1 s to import, and most checkouts have no baseline

    check(data, text, engine, NAME, FORM)
    places = locate(text, engine, [f"/findings/{index}" for index in range(len(data["findings"] or ()))])
    return tuple(BaselineEntry(**entry, line=place.get("line") or 0) for entry, place in zip(data["findings"] or (), places, strict=True))


def settle(findings: Iterable[Finding], entries: Sequence[BaselineEntry]) -> tuple[list[Finding], list[Finding], list[BaselineEntry]]:
    """Part findings, which have fingerprints, into new ones and those of the baseline; name the entries that are of no use."""
    known = {entry.fingerprint for entry in entries if entry.believed}
    new, old = [], []
    for finding in findings:
        if finding.fingerprint in known:
            old.append(replace(finding, waived=BASELINE))
        else:
            new.append(finding)
    used = {finding.fingerprint for finding in old}
    return new, old, [entry for entry in entries if entry.fingerprint not in used]


def written(findings: Iterable[Finding]) -> str:
    """A baseline of these findings: one a line, without their messages, so that nothing that they quote is kept."""
    lines = sorted({_line(finding) for finding in findings})
    return "\n".join([HEAD, *lines]) + "\n" if lines else f"{HEAD} []\n"


def _line(finding: Finding) -> str:
    told = {"rule": finding.rule, "path": finding.place.path, "environment": finding.environment, "object": str(finding.object or "")}
    values = {key: value for key, value in told.items() if value or key == "path"} | {"fingerprint": finding.fingerprint}
    return "  - {" + ", ".join(f"{key}: {_text(value)}" for key, value in values.items()) + "}"


def _text(value: str) -> str:
    """A text as YAML reads it back whatever it holds: JSON, but for what YAML wants escaped."""
    quoted = orjson.dumps(value.encode("utf-8", "backslashreplace").decode()).decode()
    return "".join(_escaped(quoted))


def _escaped(text: str) -> Iterator[str]:
    for character in text:
        yield character if character.isprintable() else f"\\U{ord(character):08x}"
