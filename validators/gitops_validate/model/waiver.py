"""Waivers as they were used, and what a baseline holds."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from gitops_validate.model.place import At, Place


class WaiverUse(Struct, frozen=True):
    """A waiver of the configuration, or of an annotation, and whether it covered a finding in this run."""

    rule: str
    reason: str
    at: At | Place
    expires: date | None = None
    expired: bool = False
    used: bool = False
    environment: str = ""
    """The environments that it is for, as a glob; "" for all."""
    believed: bool = True
    """Whether it counts: in a merge request, only what the base commit says already does."""
    certain: bool = True
    """Whether all was looked at that it may be for."""


class BaselineEntry(Struct, frozen=True):
    """A finding that the baseline has, by its fingerprint; the rest says to a person which one it is."""

    fingerprint: str
    rule: str
    path: str
    environment: str = ""
    object: str = ""
    line: int = 0
    """Where it stands in the baseline of the checkout."""
    believed: bool = True
    """Whether it counts: in a merge request, only what the base commit's baseline has does."""
