"""OpenPGP public keys, kept in the repository: whoever encrypts needs no keyring, agent or key server for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from gitops_generate.errors import WrongAnswer
from gitops_generate.secrets.documents import follows_no_link
from gitops_validate.engine import Engine, Question

FOLDER = ".sops/pgp"
FINGERPRINT = re.compile(r"[0-9A-F]{40}")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that data keys can be encrypted to. `name`: its first user id. `expires`: RFC 3339, "" for never."""

    fingerprint: str
    name: str
    expires: str
    armoured: bytes


def read(engine: Engine, body: bytes) -> PublicKey:
    """The key in an armoured file, with no more than encryption needs of it. Raises WrongAnswer, which repeats nothing of the file."""
    answer = engine.ask(Question("pgp", {}, (body,)))
    for problem in answer.result["problems"]:
        raise WrongAnswer(problem["message"])
    said = answer.result
    return PublicKey(said["fingerprint"], said["name"], said["expires"], answer.blobs[0])


def path(fingerprint: str) -> str:
    """Where a key is kept in a repository."""
    return f"{FOLDER}/{fingerprint}.asc"


def normal(text: str) -> str:
    """A fingerprint as SOPS writes it, however it was typed."""
    return re.sub(r"\s", "", text).upper().removeprefix("0X")


def unused(root: Path, rules: str) -> list[str]:
    """The paths of kept keys that `.sops.yaml`, which says `rules`, names nowhere any more. Raises Refused for a folder behind a link."""
    follows_no_link(root, FOLDER)
    named = normal(rules)
    return sorted(path(file.stem) for file in (root / FOLDER).glob("*.asc") if FINGERPRINT.fullmatch(file.stem) and file.stem not in named)
