"""Who is about to become a reader: an age recipient, an OpenPGP public key, or a key of Vault's transit engine."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from gitops_generate.errors import Refused, WrongAnswer
from gitops_generate.secrets import public_keys, sealing
from gitops_generate.secrets.audience import AGE, PGP, VAULT, Audience, Recipient
from gitops_generate.secrets.workspace import Workspace

OTHERS = {
    r"age1.*1.*": "is an age plugin's, and no program is run to encrypt: give a native age key (age1…, age1pq1…)",
    r"ssh-\S+ .*": "is an SSH key, which is not offered here: give a native age key (age1…, age1pq1…)",
    r"(0x)?[0-9A-Fa-f]{16}|(0x)?[0-9A-Fa-f]{40}": "names a PGP key, and no keyring is asked for it: give the public key itself with --pgp FILE",
    r"https?://.*/v1/.*/keys/.*": "is a key of Vault's transit engine: say --vault-transit before it",
    r"arn:aws.*|projects/.*|https://.*vault\.azure\.net/.*": "is a cloud's key, which is not offered here: give a native age key (age1…, age1pq1…)",
}
LONGEST = 100
"""Characters of a name in `.sops.yaml`."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What a person gave: one of an age recipient, an armoured OpenPGP key and the address of a key of Vault; whose it is, if they said."""

    age: str = ""
    pgp: bytes | None = None
    vault: str = ""
    name: str = ""


def admitted(workspace: Workspace, newcomer: Newcomer) -> tuple[Recipient, str]:
    """The recipient, after a test that data keys can be encrypted to it, and a name. Keeps a public key. Raises WrongAnswer and Refused."""
    if newcomer.pgp is not None:
        return _with_public_key(workspace, newcomer.pgp, newcomer.name)
    if newcomer.vault:
        address = newcomer.vault.rstrip("/")
        workspace.vault.encrypt(address, secrets.token_bytes(32))
        return Recipient(VAULT, address), newcomer.name
    _is_native(workspace, newcomer.age)
    return Recipient(AGE, newcomer.age), newcomer.name


def _with_public_key(workspace: Workspace, body: bytes, name: str) -> tuple[Recipient, str]:
    key = public_keys.read(workspace.engine, body)
    workspace.batch.put(public_keys.path(key.fingerprint), key.armoured)
    if key.expires:
        workspace.notes.append(
            f"{key.fingerprint} expires on {key.expires[:10]}, from when on nothing can be written for its environments:"
            " before that, give a copy with a later date to the same command, or remove it"
        )
    own = key.name if key.name.isprintable() and key.name.strip() == key.name and len(key.name) <= LONGEST else ""
    return Recipient(PGP, key.fingerprint), name or own


def _is_native(workspace: Workspace, recipient: str) -> None:
    """Raises WrongAnswer for what is no native age recipient. Nothing of a private key is repeated."""
    if re.search(r"AGE-SECRET-KEY-|PRIVATE KEY", recipient, re.IGNORECASE):
        raise WrongAnswer("this is a private key, and now others may have seen it: make a new one, and give its public half (age1…)")
    for pattern, words in OTHERS.items():
        if re.fullmatch(pattern, recipient) and not recipient.startswith("age1pq1"):
            raise WrongAnswer(f"{recipient[:80]} {words}")
    try:
        sealing.encrypt(workspace.engine, {"probe.yaml": {"data": {"probe": "probe"}}}, Audience.of_age([recipient]))
    except Refused:
        raise WrongAnswer(f"{recipient[:80]} is no age recipient: it begins with age1 or age1pq1, and `age-keygen -y` prints it") from None
