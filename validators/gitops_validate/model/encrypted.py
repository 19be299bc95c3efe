"""Files that SOPS encrypted, as they can be seen without a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gitops_validate.model.manifest import FileProblem
from gitops_validate.model.place import At, route

CIPHERTEXT = "ENC[AES256_GCM,"
"""What a value begins with that SOPS has encrypted."""


def is_ciphertext(value: object) -> bool:
    """Whether a value is what SOPS writes for one that it encrypts."""
    return isinstance(value, str) and value.startswith(CIPHERTEXT)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of an encrypted file; `selected` says whether the file's own selector wants it encrypted."""

    document: int
    pointer: str
    state: Literal["encrypted", "plain", "malformed", "empty"]
    selected: bool
    type: str = ""


Recipients = tuple[tuple[tuple[str, str], ...], ...]
"""Type and id of each recipient, by key group."""


@dataclass(frozen=True, slots=True)
class CreationRule:
    """What SOPS would encrypt a file by. `failure` are its own words, where no rule fits or the configuration cannot be understood."""

    config: str
    recipients: Recipients = ()
    selector: tuple[str, str] = ("", "")
    failure: str = ""


@dataclass(frozen=True, slots=True)
class EncryptedFile:
    """A YAML or JSON file with SOPS metadata or ciphertext: who can read it, what is encrypted, what is wrong with it."""

    path: str
    recipients: Recipients = ()
    selector: tuple[str, str] = ("", "")
    """Kind and value, such as `encrypted_regex` and `^(data|stringData)$`."""
    leaves: tuple[Leaf, ...] = ()
    problems: tuple[FileProblem, ...] = ()
    rule: CreationRule | None = None
    """The rule that it should have been encrypted by, None where the checkout has no configuration of SOPS."""
    mac_only_encrypted: bool = False
    """Whether what is readable may be edited without SOPS."""
    mac: str = ""
    """`valid`, `invalid`, `missing`, or "" where nobody had a key that opens the file."""
    altered: tuple[FileProblem, ...] = ()
    """What a key has shown: values, or a MAC, that are not as SOPS wrote them."""

    @property
    def readers(self) -> set[tuple[str, str]]:
        """Who can read it, whatever their group."""
        return {recipient for group in self.recipients for recipient in group}

    @property
    def written(self) -> bool:
        """Whether SOPS has written it: what has no recipients is the structure's fault."""
        return bool(self.readers)

    def at(self, leaf: Leaf) -> At:
        """The route to a leaf."""
        return At(self.path, leaf.document, route(leaf.pointer))
