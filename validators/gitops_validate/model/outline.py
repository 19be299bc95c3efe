"""What an environment has, as far as environments are held against each other. Nothing of what a Secret holds is in it."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct


class Part(NamedTuple):
    """The fields of an object in which the same environments may be unlike the others."""

    scope: tuple[str, ...]
    """Those environments, sorted."""
    digest: str
    raw: str
    """The same with the environment's name and domain left in."""


class Thing(NamedTuple):
    """An object: its name with and without what is the environment's own, what applies it, and the digests of its fields."""

    group: str
    ref: str
    """As `Kind/namespace/name`, without the hash of a generated name."""
    own: str
    reconciler: str
    presence: tuple[str, ...]
    """The environments in which alone it may be, or be missing."""
    parts: tuple[Part, ...]


class Version(NamedTuple):
    """A version that an environment names: of a chart, a source or an image, and what runs it."""

    owner: str
    name: str
    version: str


class Reference(NamedTuple):
    """What an environment refers to that another may have, too: a path, a host, a bucket or a namespace."""

    kind: str
    text: str


class Outline(Struct, frozen=True):
    """One environment. `things` is empty where the configuration does not say what may differ."""

    things: tuple[Thing, ...] = ()
    versions: tuple[Version, ...] = ()
    references: tuple[Reference, ...] = ()
    unknown: tuple[str, ...] = ()
    """Reconcilers whose objects are not known, or not all of them."""
    waiting: tuple[str, ...] = ()
    """Secrets that are not there yet, and will be."""
