"""Environments and what runs in them."""

from __future__ import annotations

from msgspec import Struct

from gitops_validate.model.server import ApiServer


class Environment(Struct, frozen=True):
    """One cluster as the repository sees it.

    `path` is the folder that its root reconciler is synced from; `kubernetes` the minor version, such as "1.36"; `live` whether it already runs;
    `domain` what its own hosts end with, "" if that is not said; `feature_gates` and `runtime_config` are what its kube-apiserver is started with.
    """

    name: str
    path: str
    kubernetes: str
    live: bool = False
    domain: str = ""
    feature_gates: tuple[str, ...] = ()
    runtime_config: tuple[str, ...] = ()

    @property
    def server(self) -> ApiServer:
        """The API server of the cluster."""
        return ApiServer(self.kubernetes, self.feature_gates, self.runtime_config)
