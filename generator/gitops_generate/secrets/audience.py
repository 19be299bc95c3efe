"""Whom data keys are encrypted to."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gitops_generate.errors import Refused

AGE, PGP, VAULT = "age", "pgp", "hc_vault"
"""The kinds of keys, as SOPS calls them in the metadata of a file."""

Wrap = Callable[[str, bytes], str]
"""Lets the Vault of an address encrypt a data key. Raises Refused."""


class Recipient(NamedTuple):
    """A key that opens files: an age recipient, the fingerprint of an OpenPGP key, or the address of a key of Vault's transit engine."""

    kind: str
    id: str


def _no_vault(address: str, _data_key: bytes) -> str:
    raise Refused(f"{address} cannot be asked here")


@dataclass(frozen=True, slots=True)
class Audience:
    """Recipients, and what encrypting to them takes beside their names."""

    recipients: tuple[Recipient, ...]
    public_keys: Mapping[str, str] = field(default_factory=dict)
    """Armoured OpenPGP keys by fingerprint."""
    wrap: Wrap = _no_vault

    @staticmethod
    def of_age(recipients: Iterable[str]) -> Audience:
        """Age recipients alone."""
        return Audience(tuple(Recipient(AGE, recipient) for recipient in recipients))

    @property
    def asks_vault(self) -> bool:
        """Whether the data key has to be known here: the engine opens no connection, so that this process asks Vault to encrypt it."""
        return any(recipient.kind == VAULT for recipient in self.recipients)

    def new_data_key(self) -> bytes | None:
        """A new data key, if it has to be known here; else the engine makes one that never leaves it."""
        return secrets.token_bytes(32) if self.asks_vault else None

    def named(self, data_key: bytes | None) -> list[dict[str, str]]:
        """The recipients as the engine takes them. Raises Refused."""
        return [self._named(recipient, data_key) for recipient in self.recipients]

    def _named(self, recipient: Recipient, data_key: bytes | None) -> dict[str, str]:
        named = {"type": recipient.kind, "id": recipient.id}
        if recipient.kind == PGP:
            named["key"] = self.public_keys[recipient.id]
        if recipient.kind == VAULT and data_key is not None:
            named["enc"] = self.wrap(recipient.id, data_key)
        return named
