"""What registries of charts are shown, and by which authorities they are known: given with the command, never by the checkout."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from gitops_validate.model.record import Veiled

Place = tuple[str, int]
"""A host and its port."""


class Login(Veiled, Struct, frozen=True):
    """A name and a password."""

    username: str
    password: str


class Access(Veiled, Struct, frozen=True):
    """Logins by host and port, and certificates of authorities (PEM) beside those of the system."""

    logins: Mapping[Place, Login] = field(default_factory=dict)
    authorities: str = ""
