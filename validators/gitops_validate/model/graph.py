"""Reconcilers as a graph: who declares whom, and who waits for whom."""

from __future__ import annotations

from msgspec import Struct

from gitops_validate.model.identity import ReconcilerRef


class Node(Struct, frozen=True):
    """A reconciler in the graph: what declares it, what must be ready before it, and how its render went."""

    environment: str
    ref: ReconcilerRef
    declared_by: str
    depends_on: tuple[str, ...]
    source: str
    objects: int
    state: str
    """ok, failed, incomplete or suspended."""
