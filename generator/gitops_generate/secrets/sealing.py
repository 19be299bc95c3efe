"""What the engine does with SOPS: plaintext and private keys travel through pipes to its workers, which keep nothing."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from gitops_generate.errors import Refused
from gitops_generate.secrets.audience import Audience, Recipient
from gitops_validate.engine import Answer, Engine, Question
from gitops_validate.errors import EngineError

ENCRYPTED_REGEX = "^(data|stringData)$"
Secret = dict[str, Any]
"""A v1 Secret in plain text."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What an encrypted file shows without a key."""

    path: str
    body: bytes
    recipients: tuple[Recipient, ...]
    """The keys that it is encrypted to."""
    keys: frozenset[str]


def keygen(engine: Engine, *, hybrid: bool) -> tuple[str, bytes]:
    """A new age key, post-quantum if `hybrid`: the recipient, and the identity on a line."""
    answer = engine.ask(Question("keygen", {"hybrid": hybrid}))
    return answer.result["recipient"], answer.blobs[0]


def recipients_of(engine: Engine, identities: bytes, source: str) -> tuple[str, ...]:
    """The recipients that belong to the private keys in a file. Raises Refused."""
    result = engine.ask(Question("recipients", {}, (identities,))).result
    for problem in result["problems"]:
        raise Refused(f"{source}: {problem['message']}")
    return tuple(result["recipients"])


def inspect(engine: Engine, files: Mapping[str, bytes]) -> dict[str, Sealed]:
    """Look into encrypted files without a key. Raises Refused for one that SOPS would not accept."""
    questions = [Question("inspect", {"root": "", "path": path}, (body,)) for path, body in files.items()]
    said = zip(files.items(), ask_all(engine, questions), strict=True)
    return {path: _sealed(path, body, answer.result) for (path, body), answer in said}


def _sealed(path: str, body: bytes, result: Mapping[str, Any]) -> Sealed:
    for problem in result["problems"]:
        raise Refused(
            f"{path}:{problem.get('line') or 1}: {problem['message']}; restore the file from git, or remove it to have the secret made anew"
        )
    groups: list[list[dict[str, str]]] = result["recipients"]
    if not groups:
        raise Refused(f"{path} is not encrypted: take it out of git's history, too, change what it held, and have it made anew")
    for leaf in result["leaves"]:
        if leaf["selected"] and leaf["state"] in {"plain", "malformed"}:
            raise Refused(f"{path}:{leaf['line']}: this value is not encrypted as SOPS does it; restore the file from git")
    if len(groups) > 1:
        raise Refused(f"{path}: its data key is shared by several key groups, which is not offered here: use sops for this file")
    pointers = [re.fullmatch(r"/(?:stringData|data)/([^/]+)", leaf["pointer"]) for leaf in result["leaves"] if leaf["document"] == 0]
    keys = frozenset(found[1] for found in pointers if found)
    return Sealed(path, body, tuple(Recipient(each["type"], each["id"]) for group in groups for each in group), keys)


def decrypt(engine: Engine, files: Sequence[Sealed], identities: bytes, source: str) -> dict[str, Secret]:
    """The Secrets in files that nobody altered, by path. Raises Refused."""
    questions = [Question("decrypt", {"root": "", "path": file.path}, (file.body, identities)) for file in files]
    answers = ask_all(engine, questions)
    return {file.path: _decrypted(file, answer, source) for file, answer in zip(files, answers, strict=True)}


def _decrypted(file: Sealed, answer: Answer, source: str) -> Secret:
    for problem in answer.result["problems"]:
        raise Refused(opening_fault(file.path, problem, source))
    documents = answer.result["documents"]
    if answer.result["mac"] != "valid" or len(documents) != 1:
        raise Refused(f"{file.path}: it must hold one Secret and a MAC; restore it from git")
    secret: Secret = orjson.loads(answer.blobs[documents[0]["blob"]])
    if secret.get("kind") != "Secret" or not all(isinstance(secret.get(part) or {}, dict) for part in ("metadata", "data", "stringData")):
        raise Refused(f"{file.path}: it must hold a Secret")
    return secret


def opening_fault(path: str, problem: Mapping[str, Any], source: str) -> str:
    """Why a file is not opened, in one sentence."""
    if problem["reason"] == "no-key":
        return f"{path}: the key in {source} does not open it; is it of another platform, or were you never added as a recipient?"
    edited = (
        f", or, if you edited what stands in plain text in it, run `gitops-generate secrets seal {path}`"
        if problem["reason"] == "mac-mismatch"
        else ""
    )
    return f"{path}:{problem.get('line') or 1}: {problem['message']}; restore the file from git{edited}"


def values(secret: Secret, path: str) -> dict[str, str]:
    """The values of a Secret, as a pod would read them. Raises Refused for one that is no text."""
    found: dict[str, str] = {}
    for key, encoded in (secret.get("data") or {}).items():
        try:
            found[key] = base64.b64decode(str(encoded), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Refused(f"{path}: data.{key} is no text in base64: use sops for this file") from None
    for key, value in (secret.get("stringData") or {}).items():
        if not isinstance(value, str):
            raise Refused(f"{path}: stringData.{key} is no text: use sops for this file")
        found[key] = value
    return found


def encrypt(engine: Engine, secrets: Mapping[str, Secret], audience: Audience) -> dict[str, bytes]:
    """Encrypt Secrets by path, each with a data key of its own. Raises Refused."""
    questions = []
    for path, secret in secrets.items():
        key = audience.new_data_key()
        args = {"path": path, "recipients": [audience.named(key)], "encrypted_regex": ENCRYPTED_REGEX, **where(key)}
        questions.append(Question("encrypt", args, (_as_yaml(secret), *([key] if key else []))))
    return {path: body_of(path, answer) for path, answer in zip(secrets, ask_all(engine, questions), strict=True)}


def where(key: bytes | None) -> dict[str, int]:
    """As the engine takes it, which blob holds a data key that was made here."""
    return {"data_key": 1} if key else {}


def body_of(path: str, answer: Answer, source: str = "") -> bytes:
    """The file of an answer; `source` names the private keys that opened it before. Raises Refused."""
    failure = answer.result["failure"]
    if failure:
        raise Refused(_failure(path, failure, source))
    return answer.blobs[0]


def _failure(path: str, failure: Mapping[str, Any], source: str) -> str:
    if failure["reason"] == "unsupported-recipient":
        return f"{failure['field'][:80]} in .sops.yaml: {failure['message']}"
    return opening_fault(path, failure, source) if source else f"{path}: {failure['message']}"


def _as_yaml(secret: Secret) -> bytes:
    """JSON that is YAML, too: what YAML does not let stand in a text is escaped."""
    text = json.dumps(secret, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", text).encode()


def ask_all(engine: Engine, questions: Sequence[Question]) -> list[Answer]:
    """The answers to questions, in their order. Raises EngineError."""
    answers = engine.ask_all(questions)
    for answer in answers:
        if isinstance(answer, EngineError):
            raise answer
    return [answer for answer in answers if isinstance(answer, Answer)]
