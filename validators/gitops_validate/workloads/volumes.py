"""The volumes that objects ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_validate.model.render import RenderedObject
from gitops_validate.workloads.pods import items

_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "Prometheus": ("spec", "storage", "volumeClaimTemplate", "spec"),
    "Alertmanager": ("spec", "storage", "volumeClaimTemplate", "spec"),
    "ThanosRuler": ("spec", "storage", "volumeClaimTemplate", "spec"),
}
"""Where kinds whose operator makes the pods hold the spec of their claims."""
KINDS = frozenset({"PersistentVolumeClaim", "StatefulSet", "Cluster", *_CLAIMS})
"""The kinds that ask for volumes."""
_SIZES = ("storage", "walStorage")
"""Fields in which CloudNativePG's clusters hold the size and the class of their volumes."""


def volumes(thing: RenderedObject | None) -> dict[str, tuple[str, str]]:
    """The volumes that an object asks for: size and class by a name of each."""
    if thing is None:
        return {}
    found: dict[str, Any] = {thing.ref.name: thing.get("spec")} if thing.ref.kind == "PersistentVolumeClaim" else {}
    if thing.ref.kind in _CLAIMS:
        found["storage"] = thing.get(*_CLAIMS[thing.ref.kind])
    if thing.ref.kind == "StatefulSet":
        for claim in items(thing.get("spec", "volumeClaimTemplates")):
            metadata = claim.get("metadata")
            found[str(metadata.get("name") if isinstance(metadata, dict) else "")] = claim.get("spec")
    sizes = {name: _claimed(spec) for name, spec in found.items() if isinstance(spec, dict)}
    own = {name: thing.get("spec", name) for name in _SIZES} if thing.ref.group == "postgresql.cnpg.io" and thing.ref.kind == "Cluster" else {}
    return sizes | {name: (str(spec.get("size", "")), str(spec.get("storageClass", ""))) for name, spec in own.items() if isinstance(spec, dict)}


def _claimed(spec: Mapping[str, Any]) -> tuple[str, str]:
    resources = spec.get("resources")
    requests = resources.get("requests") if isinstance(resources, dict) else None
    return str(requests.get("storage", "") if isinstance(requests, dict) else ""), str(spec.get("storageClassName") or "")
