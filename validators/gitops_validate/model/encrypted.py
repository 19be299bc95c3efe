"""Files that SOPS encrypted, as they can be seen without a key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from shlex import quote
from typing import Literal

from msgspec import Struct

from gitops_validate.model.manifest import SUFFIXES, FileProblem
from gitops_validate.model.place import At, Place, route
from gitops_validate.model.record import Veiled

CIPHERTEXT = "ENC[AES256_GCM,"
"""What a value begins with that SOPS has encrypted."""


def is_ciphertext(value: object) -> bool:
    """Whether a value is what SOPS writes for one that it encrypts."""
    return isinstance(value, str) and value.startswith(CIPHERTEXT)


class Leaf(Struct, frozen=True):
    """One value of an encrypted file; `selected` says whether the file's own selector wants it encrypted."""

    document: int
    pointer: str
    state: Literal["encrypted", "plain", "malformed", "empty"]
    selected: bool
    type: str = ""
    line: int = 0
    column: int = 0


class Seal(Struct, frozen=True):
    """One thing that SOPS encrypted: its nonce, a digest of all of it, and its place."""

    nonce: str
    digest: str
    line: int
    column: int


Recipients = tuple[tuple[tuple[str, str], ...], ...]
"""Type and id of each recipient, by key group."""


class CreationRule(Struct, frozen=True):
    """What SOPS would encrypt a file by. `failure` are its own words, where no rule fits or the configuration cannot be understood."""

    config: str
    recipients: Recipients = ()
    selector: tuple[str, str] = ("", "")
    failure: str = ""
    mac_only_encrypted: bool = False
    threshold: int = 0
    """Key groups that are needed to decrypt, 0 where there are not several."""


class EncryptedFile(Veiled, Struct, frozen=True, dict=True):
    """A file with SOPS metadata or ciphertext: who can read it, what is encrypted, what is wrong with it."""

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
    threshold: int = 0
    """Key groups that are needed to decrypt, 0 where there are not several."""
    mac: str = ""
    """`valid`, `invalid`, `missing`, or "" where nobody had a key that opens the file."""
    altered: tuple[FileProblem, ...] = ()
    """What a key has shown: values, or a MAC, that are not as SOPS wrote them."""
    fingerprints: tuple[tuple[int, str, str], ...] = ()
    """Document, pointer and a digest of each value that a key has opened; equal values have equal digests."""
    keys: frozenset[str] = frozenset()
    """What stands for its data key: each recipient's copy of it, and a digest where a key has opened it. Files that share one share the data key."""
    seals: tuple[Seal, ...] = ()
    within: At | None = None
    """The value of a Secret that it is, None if it is a file of its own. What is wrong with its form is told with the file that the Secret stands in."""
    encloses: bool = False
    """Whether it is itself no more than what such a value stands in."""

    @property
    def readers(self) -> set[tuple[str, str]]:
        """Who can read it, whatever their group."""
        return {recipient for group in self.recipients for recipient in group}

    @property
    def written(self) -> bool:
        """Whether SOPS has written it: what has no recipients is the structure's fault."""
        return bool(self.readers)

    @property
    def empty(self) -> bool:
        """Whether nothing stands in it, or comments alone."""
        return any(problem.reason == "empty" for problem in self.problems)

    @cached_property
    def by_place(self) -> dict[tuple[int, str], Leaf]:
        """Each leaf by its document and pointer."""
        return {(leaf.document, leaf.pointer): leaf for leaf in self.leaves}

    def at(self, leaf: Leaf) -> At | Place:
        """The route to a leaf; its line in a file that is neither YAML nor JSON."""
        return At(self.path, leaf.document, route(leaf.pointer)) if self.path.endswith(SUFFIXES) else Place(self.path, leaf.line, leaf.column)

    def metadata(self, *entry: str) -> At | Place:
        """The route to an entry of its metadata; the value that it is, or the file where that is neither YAML nor JSON."""
        if self.within is not None:
            return self.within
        return At(self.path, 0, ("sops", *entry)) if self.path.endswith(SUFFIXES) else Place(self.path, 1, 1, precision="file")

    def sops(self, command: str) -> str:
        """A command of SOPS for this file, as it is typed at the root of the checkout."""
        config = self.rule.config if self.rule else ""
        return f"sops {f'--config {quote(config)} ' if '/' in config else ''}{command} {quote(self.path)}"

    @property
    def again(self) -> str:
        """How the file is encrypted anew by the creation rule as it is now; nothing is written in plain text."""
        name = quote(self.path)
        return f"sops decrypt {name} | {self.sops('encrypt --filename-override')} --output {name} /dev/stdin"


class EncryptedFiles(Veiled, Struct, frozen=True, dict=True):
    """All encrypted files of a checkout, looked into as soon as somebody asks for one."""

    look: Callable[[], Sequence[EncryptedFile]]

    @cached_property
    def by_path(self) -> dict[str, EncryptedFile]:
        """Each under its path; those within values have none of their own."""
        return {file.path: file for file in self.every if file.within is None}

    @cached_property
    def every(self) -> tuple[EncryptedFile, ...]:
        """All of them, those within values too."""
        return tuple(self.look())
