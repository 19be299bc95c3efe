"""The secrets of one environment: those in files, opened when needed, and those that are being made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gitops_generate.errors import Refused
from gitops_generate.secrets import writing
from gitops_generate.secrets.sealed import MAXIMUM, Safe
from gitops_generate.secrets.values import Filling, Values, Waiting
from gitops_generate.secrets.wanted import Wanted


class Chest:
    """Looks values up by a secret's name.

    identity: the environment's private key, None where it is not here.
    """

    def __init__(self, repository: Path, environment: str, catalogue: Mapping[str, Wanted], safe: Safe, identity: bytes | None) -> None:
        self.repository, self.environment, self.catalogue, self.safe, self.identity = repository, environment, catalogue, safe, identity
        self._filled: dict[str, Values | None] = {}
        self._open: list[str] = []

    def wanted(self) -> list[Wanted]:
        """The secrets that this environment has to have."""
        return [one for one in self.catalogue.values() if one.environments is None or self.environment in one.environments]

    def content(self, wanted: Wanted) -> bytes | None:
        """The encrypted file of a secret, if there is one."""
        return writing.read(self.repository, wanted.file(self.environment), MAXIMUM)

    def values(self, name: str) -> Values | None:
        """All values of a secret: from its file if there is one, made otherwise; None while it waits for a person. Raises Refused."""
        if name not in self._filled:
            if name not in self.catalogue:
                raise Refused(f"there is no secret {name} in the catalogue")
            if name in self._open:
                raise Refused(f"the secrets {', '.join(self._open)} are derived from each other in a circle")
            self._open.append(name)
            try:
                self._filled[name] = self._fill(self.catalogue[name])
            finally:
                self._open.remove(name)
        return self._filled[name]

    def put(self, name: str, values: Values | None) -> None:
        """From now on these are a secret's values."""
        self._filled[name] = values

    def stored(self, wanted: Wanted) -> Values | None:
        """The values in a secret's file, None where there is no file. Raises Refused without the key."""
        content = self.content(wanted)
        if content is None:
            return None
        if self.identity is None:
            raise Refused(
                f"{wanted.file(self.environment)} has to be opened for this, and the private key of {self.environment} is not here: see --keys-dir"
            )
        return self.safe.open(content, self.identity, wanted.file(self.environment))

    def _fill(self, wanted: Wanted) -> Values | None:
        known = self.stored(wanted) or {}
        try:
            return Filling(wanted, self.values, dict(known)).all()
        except Waiting:
            return None
