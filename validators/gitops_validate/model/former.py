"""What a checkout held before the change that it is at the end of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from gitops_validate.model.encrypted import EncryptedFile
from gitops_validate.model.record import Veiled
from gitops_validate.placing.routes import Route


class Rewritten(Veiled, Struct, frozen=True):
    """A file that was encrypted where the change starts, and is now, with another content.

    `values` are those outside of the metadata of SOPS, by document and route; they are what stands in the file, which is ciphertext where
    they were encrypted.
    """

    before: EncryptedFile
    after: EncryptedFile
    macs: tuple[str, str]
    values: tuple[Mapping[tuple[int, Route], Any], Mapping[tuple[int, Route], Any]]

    @property
    def path(self) -> str:
        """Where the file is."""
        return self.after.path

    @property
    def signs_all(self) -> bool:
        """Whether the MAC is one of all values, and not of the encrypted ones alone."""
        return not self.after.mac_only_encrypted


class Past(Veiled, Struct, frozen=True):
    """A file as a commit of the change had it, and the checkout has not any more."""

    commit: str
    path: str
    text: str
    documents: tuple[Any, ...] = ()
    """What a file of YAML or JSON holds that speaks of a Secret."""
