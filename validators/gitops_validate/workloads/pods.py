"""The pods that workloads run, whatever was written in their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_validate.model.render import RenderedObject
from gitops_validate.workloads.inventory import POD_SPECS, SECTIONS


def pod_spec(thing: RenderedObject | None) -> Mapping[str, Any]:
    """The pods of a workload, {} of what runs none."""
    spec = thing.get(*POD_SPECS[thing.ref.kind]) if thing is not None and thing.ref.kind in POD_SPECS else None
    return spec if isinstance(spec, dict) else {}


def template(thing: RenderedObject | None) -> Any:
    """The whole pod template of a workload: what differs in it restarts the pods."""
    return thing.get(*POD_SPECS[thing.ref.kind][:-1]) if thing is not None and thing.ref.kind in POD_SPECS else None


def containers(spec: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The containers of a pod by name, those that run before the others too."""
    listed = (container for section in SECTIONS for container in items(spec.get(section)))
    return {str(container.get("name", "")): container for container in listed}


def items(value: Any) -> list[Mapping[str, Any]]:
    """The mappings of a list, whatever was written in its place."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
