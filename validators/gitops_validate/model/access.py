"""What registries of charts are shown, and by which authorities they are known: given with the command, never by the checkout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Place = tuple[str, int]
"""A host and its port."""


@dataclass(frozen=True, slots=True)
class Login:
    """A name and a password."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Access:
    """Logins by host and port, and certificates of authorities (PEM) beside those of the system."""

    logins: Mapping[Place, Login] = field(default_factory=dict, repr=False)
    authorities: str = field(default="", repr=False)
