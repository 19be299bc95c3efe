"""Environments and what runs in them."""

from __future__ import annotations

from msgspec import Struct


class Environment(Struct, frozen=True):
    """One cluster as the repository sees it.

    `path` is the folder that its root reconciler is synced from; `kubernetes` the minor version, such as "1.36"; `live` whether it already runs;
    `domain` what its own hosts end with, "" if that is not said.
    """

    name: str
    path: str
    kubernetes: str
    live: bool = False
    domain: str = ""
