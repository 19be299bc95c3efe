"""The ports that a Service has."""

from __future__ import annotations

from typing import Any

from gitops_validate.existing.loose import entries
from gitops_validate.model.render import RenderedObject


def has_port(service: RenderedObject, wanted: Any) -> bool:
    """Whether a Service has a port of that number or name; one whose ports the API server refuses has any."""
    listed = [port for _, port in entries(service.data, "spec", "ports")]
    return (
        not listed
        or any(not isinstance(port.get("port"), int) for port in listed)
        or wanted is None
        or any(wanted in (port.get("port"), port.get("name")) for port in listed)
    )


def ports(service: RenderedObject) -> str:
    """The numbers of its ports, as they are told."""
    return ", ".join(str(port.get("port")) for _, port in entries(service.data, "spec", "ports"))
