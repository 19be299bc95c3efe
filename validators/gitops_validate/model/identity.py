"""How an object of the cluster is named."""

from __future__ import annotations

from typing import NamedTuple


class ObjectRef(NamedTuple):
    """What the API server knows an object by; `namespace` is "" for an object of the cluster or one that names none."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def group(self) -> str:
        """The API group, "" for the core one."""
        return self.api_version.rpartition("/")[0]

    def __str__(self) -> str:
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)


class ReconcilerRef(NamedTuple):
    """A reconciler, a source or another object that Flux or Argo CD refers to without an API version."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return "/".join(part for part in self if part)
