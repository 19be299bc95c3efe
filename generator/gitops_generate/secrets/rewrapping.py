"""Writes encrypted files again: with another data key, for others, or with a new MAC. Their values stay what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_generate.secrets.audience import Audience
from gitops_generate.secrets.sealing import Sealed, ask_all, body_of, where
from gitops_validate.engine import Answer, Engine, Question


def rotate(engine: Engine, files: Sequence[Sealed], identities: bytes, audience: Audience, source: str) -> dict[str, bytes]:
    """Give files a new data key. Raises Refused."""
    questions = []
    for file in files:
        key = audience.new_data_key()
        args = {"root": "", "path": file.path, "recipients": [audience.named(key)], **where(key)}
        questions.append(Question("rotate", args, (file.body, *([key] if key else []), identities)))
    return _bodies(files, ask_all(engine, questions), source)


def share(engine: Engine, files: Sequence[Sealed], identities: bytes, audience: Audience, source: str) -> dict[str, bytes]:
    """Encrypt the data keys of files to others. Raises Refused."""
    keys: Mapping[str, bytes | None] = (
        data_keys(engine, files, identities, source) if audience.asks_vault else dict.fromkeys(file.path for file in files)
    )
    questions = [
        Question("updatekeys", {"root": "", "path": file.path, "recipients": [audience.named(keys[file.path])]}, (file.body, identities))
        for file in files
    ]
    return _bodies(files, ask_all(engine, questions), source)


def data_keys(engine: Engine, files: Sequence[Sealed], identities: bytes, source: str) -> dict[str, bytes]:
    """The data keys of files by path, for Vault to encrypt. Raises Refused."""
    questions = [Question("datakey", {"root": "", "path": file.path}, (file.body, identities)) for file in files]
    return _bodies(files, ask_all(engine, questions), source)


def _bodies(files: Sequence[Sealed], answers: Sequence[Answer], source: str) -> dict[str, bytes]:
    return {file.path: body_of(file.path, answer, source) for file, answer in zip(files, answers, strict=True)}


def verdicts(engine: Engine, files: Sequence[Sealed], identities: bytes) -> list[tuple[Sealed, Mapping[str, Any]]]:
    """Whether the MAC of each file fits, and what is wrong with the file."""
    answers = ask_all(engine, [Question("verify", {"root": "", "path": file.path}, (file.body, identities)) for file in files])
    return [(file, answer.result) for file, answer in zip(files, answers, strict=True)]


def resealed(engine: Engine, file: Sealed, earlier: bytes, identities: bytes) -> Answer:
    """A new MAC for a file, if it differs from an earlier version in plain text only; else the answer names the failure."""
    return engine.ask(Question("reseal", {"root": "", "path": file.path}, (file.body, earlier, identities)))
